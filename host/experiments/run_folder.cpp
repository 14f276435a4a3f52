#include "experiments/run_folder.hpp"

#include "config/printable.hpp"
#include "config/run_names.hpp"

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

namespace giflab::experiments {

namespace {

namespace fs = std::filesystem;

constexpr const char *numbered_folders = "runs";
constexpr const char *latest_name = "latest";
constexpr int most_attempts = 1000; // others may take numbers at the same moment

tl::unexpected<error> busy(const std::string &path) {
   return failed(problem::input, fmt::format("another giflab is at work in {}: wait for it, or name another "
                                             "folder with --output",
                                             config::in_quotes(path)));
}

tl::unexpected<error> not_made(const std::string &path, int reason) {
   return failed(problem::input,
                 fmt::format("the run folder {} cannot be written: {}; name another with --output",
                             config::in_quotes(path), std::strerror(reason)));
}

// The number that "012-name" begins with, if it ends in that name; 0 otherwise.
int number_of(const std::string &folder, const std::string &name) {
   int number = 0;
   const auto [end, wrong] = std::from_chars(folder.data(), folder.data() + folder.size(), number);
   const bool numbered = wrong == std::errc() && end != folder.data() && *end == '-';
   if (!numbered || (!name.empty() && std::string_view(end + 1) != name))
      return 0;
   return number;
}

struct newest_folders {
   int highest = 0;  // of all names
   std::string same; // the newest of this name, or nothing
};

newest_folders look_around(const std::string &name) {
   newest_folders found;
   int best = 0;
   std::error_code absent;
   for (fs::directory_iterator entry(numbered_folders, absent), end; !absent && entry != end;
        entry.increment(absent)) {
      const std::string folder = entry->path().filename().string();
      found.highest = std::max(found.highest, number_of(folder, {}));
      if (const int number = number_of(folder, name); number > best) {
         best = number;
         found.same = entry->path().string();
      }
   }
   return found;
}

// The folder that the run has to be in, if there is one.
result<std::string> wanted_folder(const folder_wish &wish) {
   std::error_code absent;
   if (wish.resume && !wish.output.empty() && !fs::exists(config::journal_in(wish.output), absent))
      return failed(problem::usage, fmt::format("{} holds no run to go on with: leave --resume out",
                                                config::in_quotes(wish.output)));
   if (!wish.resume || !wish.output.empty())
      return wish.output;
   std::string newest = newest_numbered(wish.name);
   if (newest.empty())
      return failed(problem::usage, fmt::format("there is no run {} to go on with in the folder {}: leave "
                                                "--resume out",
                                                config::in_quotes(wish.name), numbered_folders));
   return newest;
}

// `was` is empty where nothing was begun.
result<void> check_same(const std::string &path, const results::run_facts &was, const results::run_facts &is,
                        std::vector<std::string> &differing) {
   if (was.empty() || was == is)
      return {};
   differing = differences(was, is);
   return failed(problem::usage, fmt::format("{} holds another run, with other settings: name another folder "
                                             "with --output, or set them as they were",
                                             config::in_quotes(path)));
}

// The link is made aside and renamed, so that there is always one.
void point_latest_at(const std::string &folder) {
   const fs::path link = fs::path(numbered_folders) / latest_name;
   const fs::path aside = link.string() + fmt::format(".{}.tmp", getpid());
   std::error_code trouble; // a convenience: where there are no links there is none
   fs::create_symlink(fs::path(folder).filename(), aside, trouble);
   if (!trouble)
      fs::rename(aside, link, trouble);
}

} // namespace

std::vector<std::string> differences(const results::run_facts &was, const results::run_facts &is) {
   std::vector<std::string> lines;
   const auto find = [](const results::run_facts &in, const std::string &name) {
      return std::find_if(in.begin(), in.end(), [&](const auto &one) { return one.first == name; });
   };
   for (const auto &[name, value] : was)
      if (const auto now = find(is, name); now == is.end())
         lines.push_back(fmt::format("{}: was {}, is not there", name, value));
      else if (now->second != value)
         lines.push_back(fmt::format("{}: was {}, is {}", name, value, now->second));
   for (const auto &[name, value] : is)
      if (find(was, name) == was.end())
         lines.push_back(fmt::format("{}: was not there, is {}", name, value));
   return lines;
}

std::string newest_numbered(const std::string &name) { return look_around(name).same; }

result<void> check_room(const std::string &folder) {
   std::string name = folder + "/.giflab-room-XXXXXX";
   const services::descriptor file(mkostemp(name.data(), O_CLOEXEC));
   static const std::string some(std::size_t{1} << 16, 'x');
   const bool written = file &&
                        write(file.get(), some.data(), some.size()) == static_cast<ssize_t>(some.size()) &&
                        fsync(file.get()) == 0;
   const int reason = errno;
   if (file)
      unlink(name.c_str());
   if (written)
      return {};
   return failed(problem::input,
                 fmt::format("{} cannot be written: {}; make room and start again: what is done "
                             "is kept",
                             config::in_quotes(folder), std::strerror(reason ? reason : ENOSPC)));
}

result<std::optional<run_folder>> run_folder::lock(const std::string &path) {
   std::error_code trouble;
   fs::create_directories(fs::path(path) / config::made_name, trouble);
   if (trouble)
      return not_made(path, trouble.value());
   services::descriptor file(::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
   if (!file)
      return not_made(path, errno);
   if (flock(file.get(), LOCK_EX | LOCK_NB) != 0)
      return std::nullopt;
   return run_folder(path, std::move(file));
}

// A folder just made may be another's by the time it is locked: whoever looks for a run to go on with sees it.
result<run_folder> run_folder::next_numbered(const std::string &name) {
   std::error_code trouble;
   fs::create_directories(numbered_folders, trouble);
   if (trouble)
      return not_made(numbered_folders, trouble.value());
   int number = look_around(name).highest;
   for (int attempt = 0; attempt < most_attempts; ++attempt) {
      const std::string path = fmt::format("{}/{:03}-{}", numbered_folders, ++number, name);
      if (mkdir(path.c_str(), 0777) != 0) {
         if (errno != EEXIST)
            return not_made(path, errno);
         continue;
      }
      auto locked = lock(path);
      if (!locked)
         return tl::unexpected(locked.error());
      if (*locked)
         return std::move(**locked);
   }
   return not_made(numbered_folders, EEXIST);
}

result<results::run_facts> run_folder::load() {
   auto opened = results::journal::open(config::journal_in(path_));
   if (!opened)
      return tl::unexpected(opened.error());
   journal_.emplace(std::move(*opened));
   auto done = journal_->done();
   if (!done)
      return tl::unexpected(done.error());
   done_ = std::move(*done);
   return journal_->facts();
}

// What a killed run left half written.
void run_folder::sweep() const {
   for (const std::string &folder : {path_, files()}) {
      std::error_code trouble; // what stays is hidden, and in nobody's way
      for (fs::directory_iterator entry(folder, trouble), end; !trouble && entry != end;
           entry.increment(trouble))
         if (std::error_code ignored; entry->path().filename().string().starts_with(".giflab-"))
            fs::remove(entry->path(), ignored);
   }
}

result<run_folder> run_folder::named(const std::string &path) {
   auto locked = lock(path);
   if (!locked)
      return tl::unexpected(locked.error());
   if (!*locked)
      return busy(path);
   return std::move(**locked);
}

result<run_folder> run_folder::numbered(const std::string &name, const results::run_facts &facts,
                                        std::size_t cells) {
   const newest_folders found = look_around(name);
   if (!found.same.empty())
      if (auto locked = lock(found.same); locked && *locked) {
         const auto held = (**locked).load();
         const bool whole = (**locked).done_.size() == cells;
         if (held && (held->empty() || *held == facts) && !whole)
            return std::move(**locked);
      }
   return next_numbered(name);
}

result<void> run_folder::check(const folder_wish &wish, const results::run_facts &facts,
                               std::vector<std::string> &differing) {
   auto path = wanted_folder(wish);
   if (!path)
      return tl::unexpected(path.error());
   std::error_code absent;
   if (path->empty() || !fs::exists(config::journal_in(*path), absent))
      return {};
   auto held = results::journal::open(config::journal_in(*path), results::database::access::read)
                   .and_then([](results::journal opened) { return opened.facts(); });
   return held.and_then(
       [&](const results::run_facts &was) { return check_same(*path, was, facts, differing); });
}

result<run_folder> run_folder::open(const folder_wish &wish, const results::run_facts &facts,
                                    const std::vector<results::experiment_source> &sources,
                                    const std::vector<results::experiment_pipeline> &pipelines,
                                    std::vector<std::string> &differing) {
   auto path = wanted_folder(wish);
   if (!path)
      return tl::unexpected(path.error());
   auto folder = path->empty() ? numbered(wish.name, facts, sources.size() * pipelines.size()) : named(*path);
   auto held = folder.and_then([](run_folder &locked) { return locked.load(); });
   if (!held)
      return tl::unexpected(held.error());
   if (auto same = check_same(folder->path_, *held, facts, differing); !same)
      return tl::unexpected(same.error());
   folder->sweep();
   if (auto ready = held->empty() ? folder->journal_->begin(facts, sources, pipelines)
                                  : folder->journal_->forget_failures();
       !ready)
      return tl::unexpected(ready.error());
   if (wish.output.empty())
      point_latest_at(folder->path_);
   return folder;
}

} // namespace giflab::experiments
