#include "config/text_file.hpp"

#include "config/printable.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>

namespace giflab::config {

result<std::string> read_text_file(const std::string &path, std::string_view kind) {
   const auto refused = [&](std::string_view reason) {
      return failed(problem::usage, fmt::format("{}: {}", printable(path), reason));
   };
   std::error_code none;
   if (std::filesystem::is_directory(path, none))
      return refused(fmt::format("is a folder, not {}", kind));
   if (std::filesystem::exists(path, none) && !std::filesystem::is_regular_file(path, none))
      return refused(fmt::format("is a pipe or a device, not {}", kind));
   std::ifstream file(path, std::ios::binary);
   if (!file)
      return refused(fmt::format("cannot be read: {}", std::generic_category().message(errno)));
   std::string text(longest_text_file + 1, '\0');
   file.read(text.data(), static_cast<std::streamsize>(text.size()));
   if (file.bad())
      return refused(fmt::format("cannot be read: {}", std::generic_category().message(errno)));
   text.resize(static_cast<std::size_t>(file.gcount()));
   if (text.size() > longest_text_file)
      return refused(fmt::format("is larger than {} bytes, which is too much for {}", longest_text_file, kind));
   return text;
}

} // namespace giflab::config
