#include "config/expand_inputs.hpp"

#include "config/file_pattern.hpp"
#include "config/printable.hpp"
#include "config/run_names.hpp"
#include "config/tidy_path.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <set>

namespace giflab::config {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> picture_extensions{".gif", ".png", ".jpg", ".jpeg", ".webp"};

std::string lower_extension(const fs::path &file) {
   std::string extension = file.extension().string();
   for (char &c : extension)
      if (c >= 'A' && c <= 'Z')
         c = static_cast<char>(c - 'A' + 'a');
   return extension;
}

bool is_picture(const fs::path &file) {
   return std::ranges::find(picture_extensions, lower_extension(file)) != picture_extensions.end();
}

bool is_gif(const fs::path &file) { return lower_extension(file) == ".gif"; }

bool is_folder(const fs::path &path) {
   std::error_code absent;
   return fs::is_directory(path, absent);
}

bool is_there(const fs::path &path) {
   std::error_code unreachable;
   return fs::exists(path, unreachable);
}

// The folder of a run over pipelines?
bool is_run(const fs::path &folder) { return is_there(journal_in(folder.string())); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
   for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
   return text;
}

class expansion {
 public:
   explicit expansion(const std::string &folder) : folder_(folder) {}

   void add(const run_input &input);
   std::vector<fs::path> files_of(const run_source &source) {
      where_ = source.where;
      return files_of(source.path, source.path);
   }
   expanded_inputs take() { return std::move(expanded_); }

 private:
   void complain(std::string_view sentence) {
      expanded_.problems.push_back(fmt::format("{}: {}", printable(where_), sentence));
   }
   void add_pair(const fs::path &reference, const fs::path &distorted);
   void add_two(const run_input &input);
   void pair_folders(const fs::path &reference, const fs::path &distorted);
   void add_candidates(const fs::path &original, const std::vector<std::string> &candidates);

   std::vector<fs::path> names_in(const fs::path &folder);
   std::vector<fs::path> pictures_below(const fs::path &folder);
   std::vector<fs::path> files_of(const std::string &literal, const std::string &pattern);
   void match(const fs::path &place, std::span<const fs::path> segments, std::set<fs::path> &found);
   void match_anywhere(const fs::path &place, std::span<const fs::path> segments, std::set<fs::path> &found);
   bool is_sequence(const fs::path &folder);

   fs::path folder_;
   std::string where_;
   std::set<std::pair<std::string, std::string>> seen_;
   expanded_inputs expanded_;
};

// What is directly in a folder, without hidden names, in natural order. What a run made is left out: a run in
// one of its own folders would have other sources each time it is begun.
std::vector<fs::path> expansion::names_in(const fs::path &folder) {
   std::vector<fs::path> names;
   std::error_code wrong;
   const bool run = is_run(folder);
   for (fs::directory_iterator entry(folder, wrong), end; !wrong && entry != end; entry.increment(wrong)) {
      const fs::path name = entry->path().filename();
      if (!name.native().starts_with('.') && !(run && name == made_name))
         names.push_back(entry->path());
   }
   if (wrong)
      complain(fmt::format("cannot look into {}: {}", in_quotes(folder.string()), wrong.message()));
   std::ranges::sort(names,
                     [](const fs::path &a, const fs::path &b) { return natural_less(a.native(), b.native()); });
   return names;
}

// All picture files of a folder and the folders in it. Links to folders are not followed: they may lead back.
std::vector<fs::path> expansion::pictures_below(const fs::path &folder) {
   std::vector<fs::path> pictures;
   std::error_code absent;
   for (const fs::path &path : names_in(folder)) {
      if (is_picture(path) && fs::is_regular_file(path, absent))
         pictures.push_back(path);
      else if (fs::symlink_status(path, absent).type() == fs::file_type::directory)
         std::ranges::move(pictures_below(path), std::back_inserter(pictures));
   }
   return pictures;
}

// A folder of stills with no GIF anywhere in it is one clip.
bool expansion::is_sequence(const fs::path &folder) {
   const std::vector<fs::path> pictures = pictures_below(folder);
   const auto directly = [&](const fs::path &path) { return fs::equivalent(path.parent_path(), folder); };
   return std::ranges::none_of(pictures, is_gif) && std::ranges::any_of(pictures, directly);
}

// Adds what is below `place` and fits the segments of a pattern, one for each level.
void expansion::match(const fs::path &place, std::span<const fs::path> segments, std::set<fs::path> &found) {
   const std::string &segment = segments.front().native();
   const auto rest = segments.subspan(1);
   if (segment == "**")
      return match_anywhere(place, segments, found);
   if (rest.empty()) {
      std::error_code absent;
      for (const fs::path &path : names_in(place))
         if (matches_pattern(segment, path.filename().native()) && is_picture(path) &&
             fs::is_regular_file(path, absent))
            found.insert(path);
   } else if (!has_wildcards(segment)) {
      if (is_folder(place / segment))
         match(place / segment, rest, found);
   } else {
      for (const fs::path &path : names_in(place))
         if (matches_pattern(segment, path.filename().native()) && is_folder(path))
            match(path, rest, found);
   }
}

// "**": the rest of the pattern here and in every folder below.
void expansion::match_anywhere(const fs::path &place, std::span<const fs::path> segments,
                               std::set<fs::path> &found) {
   static const fs::path any_file = "*";
   auto rest = segments.subspan(1);
   while (!rest.empty() && rest.front() == "**")
      rest = rest.subspan(1);
   match(place, rest.empty() ? std::span(&any_file, 1) : rest, found);
   std::error_code absent;
   for (const fs::path &path : names_in(place))
      if (fs::symlink_status(path, absent).type() == fs::file_type::directory)
         match_anywhere(path, segments, found);
}

// The picture files that a path or pattern stands for. `literal` is the same without its wildcards escaped: a
// path that exists is that path, whatever characters it has.
std::vector<fs::path> expansion::files_of(const std::string &literal, const std::string &pattern) {
   const fs::path path = folder_ / literal;
   if (is_there(path) || !has_wildcards(pattern)) {
      if (!is_folder(path))
         return {path};
      std::vector<fs::path> pictures = pictures_below(path);
      if (pictures.empty())
         complain(fmt::format("the folder {} has no picture file{}", in_quotes(literal),
                              is_run(path) ? ": what its run made is in its folder files" : ""));
      return pictures;
   }
   const fs::path whole(pattern);
   std::vector<fs::path> segments;
   for (const fs::path &segment : whole.relative_path())
      if (!segment.empty() && segment != ".")
         segments.push_back(segment);
   std::set<fs::path> found;
   match(whole.is_absolute() ? whole.root_path() : folder_, segments, found);
   if (found.empty())
      complain(fmt::format("the pattern {} matches no picture file", in_quotes(literal)));
   std::vector<fs::path> files(found.begin(), found.end());
   std::ranges::sort(files,
                     [](const fs::path &a, const fs::path &b) { return natural_less(a.native(), b.native()); });
   return files;
}

void expansion::add_pair(const fs::path &reference, const fs::path &distorted) {
   input_pair pair{tidy_path(reference), tidy_path(distorted)};
   if (seen_.emplace(pair.reference, pair.distorted).second)
      expanded_.pairs.push_back(std::move(pair));
}

void expansion::pair_folders(const fs::path &reference, const fs::path &distorted) {
   std::set<fs::path> unmatched;
   for (const fs::path &file : pictures_below(distorted))
      unmatched.insert(file.lexically_relative(distorted));
   const std::size_t before = expanded_.pairs.size();
   for (const fs::path &file : pictures_below(reference)) {
      const fs::path name = file.lexically_relative(reference);
      if (unmatched.erase(name) != 0)
         add_pair(file, distorted / name);
      else
         complain(fmt::format("{} has no counterpart in {}", in_quotes(file.string()),
                              in_quotes(distorted.string())));
   }
   for (const fs::path &name : unmatched)
      complain(fmt::format("{} has no counterpart in {}", in_quotes((distorted / name).string()),
                           in_quotes(reference.string())));
   if (unmatched.empty() && expanded_.pairs.size() == before)
      complain(fmt::format("{} and {} have no picture file in common", in_quotes(reference.string()),
                           in_quotes(distorted.string())));
}

void expansion::add_two(const run_input &input) {
   const fs::path reference = folder_ / input.reference, distorted = folder_ / input.distorted;
   for (const std::string &side : {input.reference, input.distorted})
      if (has_wildcards(side) && !is_there(folder_ / side))
         return complain(
             fmt::format("the pattern {} may stand for many files; use it with candidates", in_quotes(side)));
   if (is_folder(reference) && is_folder(distorted) && !(is_sequence(reference) && is_sequence(distorted)))
      return pair_folders(reference, distorted);
   for (const fs::path &side : {reference, distorted})
      if (is_folder(side) && !is_sequence(side))
         return complain(
             fmt::format("the folder {} is not a sequence of stills, and the other side is one file; use "
                         "candidates to compare one file with many",
                         in_quotes(side.string())));
   add_pair(reference, distorted);
}

void expansion::add_candidates(const fs::path &original, const std::vector<std::string> &candidates) {
   const std::size_t problems = expanded_.problems.size();
   bool any = false;
   for (const std::string &candidate : candidates) {
      const std::string stem = original.stem().string(), name = original.filename().string();
      const std::string literal = replaced(replaced(candidate, "{stem}", stem), "{name}", name);
      const bool pattern = has_wildcards(candidate);
      const std::string as_pattern = pattern ? replaced(replaced(candidate, "{stem}", escaped_pattern(stem)),
                                                        "{name}", escaped_pattern(name))
                                             : "";
      for (const fs::path &file : files_of(literal, as_pattern)) {
         const bool itself = tidy_path(file) == tidy_path(original) && file != folder_ / literal;
         if (!itself)
            add_pair(original, file);
         any = any || !itself;
      }
   }
   if (!any && expanded_.problems.size() == problems)
      complain(fmt::format("{} has no candidate but itself", in_quotes(original.string())));
}

void expansion::add(const run_input &input) {
   where_ = input.where;
   if (!input.distorted.empty())
      return add_two(input);
   for (const fs::path &original : files_of(input.reference, input.reference))
      add_candidates(original, input.candidates);
}

} // namespace

expanded_inputs expand_inputs(const std::string &folder, std::span<const run_input> inputs) {
   expansion all(folder);
   for (const run_input &input : inputs)
      all.add(input);
   return all.take();
}

expanded_sources expand_sources(const std::string &folder, std::span<const run_source> sources) {
   expansion all(folder);
   expanded_sources expanded;
   std::set<std::string> seen;
   for (const run_source &source : sources)
      for (const fs::path &file : all.files_of(source))
         if (std::string path = tidy_path(file); seen.insert(path).second)
            expanded.files.push_back(std::move(path));
   expanded.problems = all.take().problems;
   return expanded;
}

} // namespace giflab::config
