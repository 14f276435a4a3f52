#include "model_files/weights_file.hpp"

#include "config/printable.hpp"
#include "model_files/pytorch_file.hpp"
#include "model_files/safetensors_file.hpp"
#include "services/descriptor.hpp"
#include "services/sha256.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

namespace giflab::model_files {

namespace {

namespace fs = std::filesystem;

tl::unexpected<error> refused(const std::string &path, const std::string &what) {
   return failed(problem::input, fmt::format("{}: {}", config::in_quotes(path), what));
}

result<services::descriptor> opened(const std::string &path) {
   services::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
   if (!file)
      return refused(path, fmt::format("it cannot be opened: {}", std::strerror(errno)));
   return file;
}

result<services::mapped_file> mapped(const std::string &path, const services::descriptor &file) {
   struct stat about {};
   if (fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
      return refused(path, "it is no regular file");
   if (about.st_size == 0)
      return refused(path, "it is empty");
   auto content = services::mapped_file::of(file.get(), static_cast<std::size_t>(about.st_size));
   if (!content)
      return refused(path, fmt::format("it cannot be mapped into memory: {}", std::strerror(errno)));
   return content;
}

// The digits in a name like "vgg16-397923af.pth"; empty if it is no such name.
std::string digits_in_name(const std::string &path) {
   constexpr std::size_t count = 8;
   const fs::path name = fs::path(path).filename();
   const std::string stem = name.stem().string();
   if (name.extension() != ".pth" || stem.size() <= count || stem[stem.size() - count - 1] != '-')
      return {};
   const std::string digits = stem.substr(stem.size() - count);
   return digits.find_first_not_of("0123456789abcdef") == std::string::npos ? digits : std::string();
}

bool is_trunk(const tensor &one) { return one.name.starts_with("features."); }

// "lin0.model.1.weight", and not the "lins.0.model.1.weight" that whole networks call the same numbers too.
bool is_head(const tensor &one) {
   const std::string_view name = one.name;
   const std::size_t end = name.find_first_not_of("0123456789", 3);
   return name.starts_with("lin") && end != 3 && end != std::string_view::npos && name[end] == '.';
}

std::vector<tensor> chosen(const weights_file &from, bool (*wanted)(const tensor &)) {
   std::vector<tensor> kept;
   std::copy_if(from.tensors.begin(), from.tensors.end(), std::back_inserter(kept), wanted);
   return kept;
}

// What stands in the headers of files that were published under a hash. These words count only where the hash
// is right, and so they are the ones that were published.
struct published_texts {
   std::string_view sha256;
   texts metadata;
};
const published_texts published[] = {
    {"8eee338477236adeb53380b1c9e08064d8396fe907fe34815fcb375ad6aca806",
     {{"model", "lpips-squeeze"},
      {"version", "0.1"},
      {"backbone", "SqueezeNet 1.1, torchvision ImageNet weights, BSD-3-Clause"},
      {"heads", "LPIPS v0.1 linear heads, BSD-2-Clause"}}},
};

texts metadata_for(const giflab_model_source &source, const weights_file &trunk, const weights_file &heads) {
   for (const published_texts &one : published)
      if (one.sha256 == source.sha256)
         return one.metadata;
   const auto origin = [](const weights_file &file) {
      return fmt::format("{}, SHA-256 {}", config::printable(fs::path(file.path).filename().string()),
                         file.sha256);
   };
   return {{"model", source.id}, {"trunk", origin(trunk)}, {"heads", origin(heads)}};
}

} // namespace

result<services::mapped_file> whole_file(const std::string &path) {
   const auto file = opened(path);
   return file ? mapped(path, *file) : tl::unexpected(file.error());
}

result<weights_file> weights_file::open(const std::string &path, const services::cancellation &cancelled) {
   const auto file = opened(path);
   if (!file)
      return tl::unexpected(file.error());
   auto content = mapped(path, *file);
   if (!content)
      return tl::unexpected(content.error());
   weights_file made;
   made.path = path;
   made.content = std::move(*content);
   auto hash = services::sha256_of_file(file->get(), &cancelled);
   if (!hash)
      return hash.error().kind == problem::cancelled ? tl::unexpected(hash.error())
                                                     : refused(path, hash.error().text);
   made.sha256 = std::move(*hash);
   if (const std::string digits = digits_in_name(path); !made.sha256.starts_with(digits))
      return refused(path,
                     fmt::format("its SHA-256 begins with {}, and its name says {}: it is damaged or another "
                                 "file; fetch it anew",
                                 made.sha256.substr(0, digits.size()), digits));
   const auto bytes = made.content.bytes();
   auto tensors = looks_like_pytorch(bytes) ? read_pytorch(bytes) : read_safetensors(bytes);
   if (!tensors)
      return refused(path, tensors.error().text);
   made.tensors = std::move(*tensors);
   return made;
}

result<std::vector<std::byte>> merge(const giflab_model_source &source, const weights_file &trunk,
                                     const weights_file &heads) {
   constexpr uint64_t most_growth =
       4; // tensors may share numbers, but not so that a small file makes a huge one
   std::vector<tensor> both = chosen(trunk, is_trunk);
   if (both.empty())
      return refused(trunk.path, "it has no tensor called features.*: no trunk of a classifier");
   const std::vector<tensor> lines = chosen(heads, is_head);
   if (lines.empty())
      return refused(heads.path, "it has no tensor called lin0.*: no heads of a perceptual metric");
   both.insert(both.end(), lines.begin(), lines.end());
   uint64_t bytes = 0;
   for (const tensor &one : both)
      bytes += count_of(one) * one.type->bytes;
   if (bytes / most_growth > trunk.content.bytes().size() + heads.content.bytes().size())
      return refused(trunk.path, "its tensors are many times as large as the file");
   return write_safetensors(both, metadata_for(source, trunk, heads));
}

} // namespace giflab::model_files
