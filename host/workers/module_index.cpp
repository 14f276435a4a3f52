#include "workers/module_index.hpp"

#include "results/output_file.hpp"
#include "validator/verdict_cache.hpp"
#include "workers/descriptors.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace giflab::workers {

template <like<file_identity> T> void fields(T &value, auto &each) {
   auto &[path, device, inode, size, modified_ns, changed_ns] = value;
   each(path, device, inode, size, modified_ns, changed_ns);
}

namespace fs = std::filesystem;

namespace {

constexpr uint64_t magic = 0x3178'6564'6e69'6c67; // "glindex1"
constexpr const char *program_file = "/proc/self/exe";

// Times of files step by as much as the clock of the file system does, which is two seconds at worst.
constexpr int64_t settled_ns = 3'000'000'000;

int64_t nanoseconds(const timespec &time) { return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

std::optional<file_identity> identity_of(const std::string &path) {
   struct stat about {};
   if (stat(path.c_str(), &about) != 0)
      return std::nullopt;
   return file_identity{
       path, about.st_dev, about.st_ino, about.st_size, nanoseconds(about.st_mtim), nanoseconds(about.st_ctim)};
}

bool has_settled(const file_identity &file) {
   timespec now{};
   clock_gettime(CLOCK_REALTIME, &now);
   return std::max(file.modified_ns, file.changed_ns) + settled_ns < nanoseconds(now);
}

uint64_t hash_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

} // namespace

module_index::module_index(std::string folder, std::string file)
    : folder_(std::move(folder)), file_(std::move(file)) {}

std::optional<module_index::folder_state> module_index::look() const {
   std::vector<std::string> paths = modules::module_files(folder_);
   paths.insert(paths.begin(), program_file);
   folder_state state;
   for (const std::string &path : paths) {
      auto identity = identity_of(path);
      if (!identity)
         return std::nullopt;
      state.push_back(std::move(*identity));
   }
   return state;
}

std::optional<modules::catalogue> module_index::recall() const try {
   std::ifstream file(file_, std::ios::binary);
   const std::string bytes{std::istreambuf_iterator<char>(file), {}};
   reader from(bytes);
   const auto begins_with = from.one<uint64_t>(), hash = from.one<uint64_t>();
   if (begins_with != magic || hash != hash_of(from.rest()) || from.one<folder_state>() != look())
      return std::nullopt;
   return get_catalogue(from);
} catch (const malformed &) { // none is there, or an older giflab wrote it
   return std::nullopt;
}

bool module_index::keep(const std::optional<folder_state> &before, const modules::catalogue &found) const {
   if (file_.empty() || !before || before != look() || !found.rejected().empty() ||
       !std::all_of(before->begin(), before->end(), has_settled))
      return false;
   writer body;
   body(*before);
   put_catalogue(body, found);
   const std::string bytes = body.take();
   writer head;
   head(magic, hash_of(bytes));
   auto file = results::output_file::open(file_);
   return file && file->write(head.take() + bytes) && file->commit();
}

void module_index::forget() const {
   std::error_code trouble; // what cannot be removed is held against the modules again, and again in vain
   fs::remove(file_, trouble);
}

module_index index_of_own_modules() {
   const fs::path folder = validator::checks_folder();
   std::error_code trouble;
   const std::string program = fs::read_symlink(program_file, trouble).string();
   return {modules::own_folder(), folder.empty() || trouble
                                      ? std::string()
                                      : (folder / fmt::format("{:016x}.modules", hash_of(program))).string()};
}

} // namespace giflab::workers
