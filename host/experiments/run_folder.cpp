#include "experiments/run_folder.hpp"

#include "config/printable.hpp"

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

result<std::string> next_numbered(const std::string &name) {
   std::error_code trouble; // mkdir tells of it
   fs::create_directories(numbered_folders, trouble);
   int number = look_around(name).highest;
   for (int attempt = 0; attempt < most_attempts; ++attempt) {
      const std::string path = fmt::format("{}/{:03}-{}", numbered_folders, ++number, name);
      if (mkdir(path.c_str(), 0777) == 0)
         return path;
      if (errno != EEXIST)
         return not_made(path, errno);
   }
   return not_made(numbered_folders, EEXIST);
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

result<run_folder> run_folder::lock(const std::string &path) {
   std::error_code trouble;
   fs::create_directories(path + "/files", trouble);
   if (trouble)
      return not_made(path, trouble.value());
   services::descriptor file(::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
   if (!file)
      return not_made(path, errno);
   if (flock(file.get(), LOCK_EX | LOCK_NB) != 0)
      return failed(problem::input, fmt::format("another giflab is at work in {}: wait for it, or name another "
                                                "folder with --output",
                                                config::in_quotes(path)));
   return run_folder(path, std::move(file));
}

result<results::run_facts> run_folder::load() {
   auto opened = results::journal::open(path_ + "/journal.sqlite");
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

namespace {

// Where the wish leads, and whether to take the next number instead if it is another run.
struct place {
   std::string path;
   bool may_move_on = false;
};

result<place> place_for(const folder_wish &wish) {
   std::error_code absent;
   if (!wish.output.empty() && wish.resume && !fs::exists(wish.output + "/journal.sqlite", absent))
      return failed(problem::usage, fmt::format("{} holds no run to go on with: leave --resume out",
                                                config::in_quotes(wish.output)));
   if (!wish.output.empty())
      return place{wish.output};
   const newest_folders found = look_around(wish.name);
   if (!found.same.empty())
      return place{found.same, !wish.resume};
   if (wish.resume)
      return failed(problem::usage, fmt::format("there is no run {} to go on with in the folder {}: leave "
                                                "--resume out",
                                                config::in_quotes(wish.name), numbered_folders));
   return next_numbered(wish.name).map([](std::string path) { return place{std::move(path)}; });
}

} // namespace

result<run_folder> run_folder::open(const folder_wish &wish, const results::run_facts &facts,
                                    const std::vector<results::experiment_source> &sources,
                                    const std::vector<results::experiment_pipeline> &pipelines,
                                    std::vector<std::string> &differing) {
   auto chosen = place_for(wish);
   if (!chosen)
      return tl::unexpected(chosen.error());
   auto folder = lock(chosen->path);
   auto held = folder.and_then([](run_folder &locked) { return locked.load(); });
   const bool whole = held && folder->done_.size() == sources.size() * pipelines.size();
   if (chosen->may_move_on && (!held || (!held->empty() && *held != facts) || whole)) {
      auto next = next_numbered(wish.name);
      if (!next)
         return tl::unexpected(next.error());
      *chosen = {std::move(*next)};
      folder = lock(chosen->path);
      held = folder.and_then([](run_folder &locked) { return locked.load(); });
   }
   if (!held)
      return tl::unexpected(held.error());
   if (!held->empty() && *held != facts) {
      differing = differences(*held, facts);
      return failed(problem::usage,
                    fmt::format("{} holds another run, with other settings: name another folder "
                                "with --output, or set them as they were",
                                config::in_quotes(chosen->path)));
   }
   folder->sweep();
   if (held->empty())
      if (auto begun = folder->journal_->begin(facts, sources, pipelines); !begun)
         return tl::unexpected(begun.error());
   if (wish.output.empty())
      point_latest_at(folder->path_);
   return folder;
}

} // namespace giflab::experiments
