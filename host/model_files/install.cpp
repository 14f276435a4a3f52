#include "model_files/install.hpp"

#include "modules/model_pin.hpp"
#include "results/output_file.hpp"
#include "services/sha256.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace giflab::model_files {

namespace {

namespace fs = std::filesystem;

result<void> write(const std::string &path, std::string_view bytes) {
   auto file = results::output_file::open(path);
   if (!file)
      return tl::unexpected(file.error());
   return file->write(bytes).and_then([&] { return file->commit(); });
}

} // namespace

result<std::string> install(const giflab_model_source &source, std::span<const std::byte> bytes,
                            const std::string &folder, const std::string &extension) {
   if (source.size != 0 && bytes.size() != source.size)
      return failed(problem::input, fmt::format("that makes no {}: it has {} bytes, and {} are declared",
                                                source.id, bytes.size(), source.size));
   services::sha256 hash;
   hash.add(bytes);
   const auto digest = hash.digest();
   if (!digest)
      return tl::unexpected(digest.error());
   if (*source.sha256 && *digest != source.sha256)
      return failed(problem::input,
                    fmt::format("that makes no {}: it has the SHA-256 {}, and {} is declared; these "
                                "are other weights",
                                source.id, *digest, source.sha256));
   const std::string path = (fs::path(folder) / (source.id + extension)).string();
   if (auto written = write(path, {reinterpret_cast<const char *>(bytes.data()), bytes.size()}); !written)
      return tl::unexpected(written.error());
   if (!*source.sha256)
      if (auto pinned =
              write(modules::pin_path(path), modules::pin_text(*digest, fs::path(path).filename().string()));
          !pinned)
         return tl::unexpected(pinned.error());
   return path;
}

std::string extension_for(const std::string &id, const std::string &name) {
   const std::size_t dot = name.rfind('.');
   if (name == id || dot == std::string::npos)
      return {};
   const std::string extension = name.substr(dot);
   constexpr std::size_t longest = 16;
   const bool plain = extension.size() > 1 && extension.size() <= longest &&
                      std::all_of(extension.begin() + 1, extension.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                      });
   const bool numeric =
       extension.find_first_not_of(".0123456789") == std::string::npos; // a version's last part
   return plain && !numeric && extension != ".part" && extension != ".sha256" ? extension : std::string();
}

} // namespace giflab::model_files
