#include "results/source_origin.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace giflab::results {

namespace {

struct platform_folder {
   std::string_view folder, platform, collection;
};

constexpr std::array<platform_folder, 5> known_folders{{{"tenor", "tenor", ""},
                                                        {"animately", "animately", "user_uploads"},
                                                        {"tgif_dataset", "tgif_dataset", "research_dataset"},
                                                        {"tgif", "tgif_dataset", "research_dataset"},
                                                        {"unknown", "unknown", ""}}};

std::vector<std::string> folders_of(std::string_view path) {
   std::vector<std::string> folders;
   for (std::size_t end = path.find('/'); end != std::string_view::npos; end = path.find('/')) {
      if (end > 0)
         folders.emplace_back(path.substr(0, end));
      path.remove_prefix(end + 1);
   }
   return folders;
}

std::string lower_case(std::string text) {
   std::ranges::transform(text, text.begin(),
                          [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
   return text;
}

std::string with_blanks(std::string text) {
   std::ranges::replace_if(
       text, [](char c) { return c == '_' || c == '-'; }, ' ');
   return text;
}

} // namespace

source_origin origin_of(std::string_view path) {
   const std::vector<std::string> folders = folders_of(path);
   for (std::size_t i = folders.size(); i-- > 0;) {
      const auto found = std::ranges::find(known_folders, lower_case(folders[i]), &platform_folder::folder);
      if (found == known_folders.end())
         continue;
      source_origin made{std::string(found->platform), {}, std::string(found->collection)};
      if (made.platform == "tenor" && i + 1 < folders.size())
         made.query = with_blanks(folders[i + 1]);
      if (made.platform == "tenor" && i + 2 < folders.size())
         made.collection = folders[i + 2];
      return made;
   }
   return {};
}

} // namespace giflab::results
