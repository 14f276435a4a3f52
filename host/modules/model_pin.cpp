#include "modules/model_pin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace giflab::modules {

namespace fs = std::filesystem;

std::string pin_path(const std::string &model_path) { return model_path + ".sha256"; }

std::string pin_text(std::string_view sha256, std::string_view file_name) {
   return fmt::format("{}  {}\n", sha256, file_name);
}

result<std::string> read_pin(const std::string &model_path) {
   const std::string name = fs::path(model_path).filename().string();
   const std::string like = pin_text(std::string(64, '0'), name);
   std::error_code trouble;
   if (!fs::is_regular_file(pin_path(model_path), trouble))
      return failed(problem::input, "is not there");
   std::ifstream file(pin_path(model_path), std::ios::binary);
   std::string text(like.size() + 1, '\0'); // one more, to see whether it is longer
   file.read(text.data(), static_cast<std::streamsize>(text.size()));
   if (!file.is_open() || file.bad())
      return failed(problem::input, fmt::format("cannot be read: {}", std::strerror(errno)));
   text.resize(static_cast<std::size_t>(file.gcount()));
   const std::string hash = text.substr(0, 64);
   if (!is_sha256(hash) || text.size() < 67)
      return failed(problem::input, "is not what sha256sum writes");
   if (text != pin_text(hash, name))
      return failed(problem::input, fmt::format("is not the pin of {} and nothing else", name));
   return hash;
}

bool is_sha256(std::string_view text) {
   return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char letter) {
             return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
          });
}

} // namespace giflab::modules
