#include "workers/places.hpp"

#include "services/log.hpp"
#include "validator/verdict_cache.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace giflab::workers {

namespace fs = std::filesystem;

namespace {

fs::path resolved(const fs::path &path) {
   std::error_code trouble;
   const fs::path plain = fs::weakly_canonical(path, trouble);
   return trouble ? path : plain;
}

std::string in_quarantine(const std::string &reason, const std::string &id) {
   return fmt::format("{}; quarantined, giflab plugins --forgive {} lets it run again", reason, id);
}

} // namespace

places::places(std::string own_folder)
    : own_folder_(std::move(own_folder)), own_resolved_(resolved(own_folder_).string()) {}

bool places::is_own(const std::string &path) const {
   const fs::path folder = fs::path(path).parent_path();
   return !own_folder_.empty() && (folder == own_folder_ || resolved(folder) == own_resolved_);
}

bool places::is_trusted(const std::string &path) {
   const auto [found, fresh] = trusted_.try_emplace(path);
   if (fresh)
      found->second = is_own(path) || validator::lookup(path) == validator::known_verdict::passed;
   return found->second;
}

places::record &places::record_of(const modules::plugin &asked) {
   const std::string &path = asked.home->path, id = asked.id();
   const auto [found, fresh] = plugins_.try_emplace({path, id});
   if (fresh) {
      found->second.trusted = is_trusted(path);
      if (const auto reason = validator::quarantined(path, id))
         found->second.excluded = in_quarantine(*reason, id);
   }
   return found->second;
}

places::place places::of(const modules::plugin &asked) {
   const std::lock_guard guard(mutex_);
   const record &known = record_of(asked);
   place found;
   found.trusted = known.trusted;
   found.alone = known.crashes >= crashes_in_company;
   found.excluded = known.excluded;
   if (!known.trusted || found.alone || asked.table.flags & GIFLAB_FLAG_ISOLATE)
      found.worker = asked.home->path;
   return found;
}

bool places::crashed(const modules::plugin &guilty, const std::string &reason) {
   const std::string id = guilty.id();
   {
      const std::lock_guard guard(mutex_);
      record &known = record_of(guilty);
      if (++known.crashes < crashes_in_company + crashes_alone || !known.excluded.empty())
         return false;
      known.excluded = in_quarantine(reason, id);
   }
   if (auto kept = validator::quarantine(guilty.home->path, id, reason); !kept)
      services::log(services::log_level::warning, kept.error().text);
   return true;
}

} // namespace giflab::workers
