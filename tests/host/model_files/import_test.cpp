// From PyTorch's files to one model, byte for byte.

#include "contains.hpp"
#include "model_files/install.hpp"
#include "model_files/safetensors_file.hpp"
#include "model_files/weights_file.hpp"
#include "modules/model_registry.hpp"
#include "scratch_folder.hpp"
#include "services/sha256.hpp"
#include "torch_writer.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

using namespace giflab;
using giflab::tests::contains;
using namespace torch_writer;
namespace fs = std::filesystem;

namespace {

const services::cancellation never;

struct workplace {
   const tests::scratch_folder folder;

   std::string write(const std::string &name, const std::string &bytes) const {
      std::ofstream(folder.file(name), std::ios::binary) << bytes;
      return folder.file(name);
   }
};

std::string sha256_of(const std::string &bytes) {
   services::sha256 hash;
   hash.add(std::as_bytes(std::span(bytes)));
   return hash.digest().value();
}

std::string string_of(std::span<const std::byte> bytes) {
   return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

giflab_model_source source_of(const char *id, const char *sha256, uint64_t size) {
   return {.id = id, .sha256 = sha256, .origin = "two files", .license = "MIT", .size = size};
}

result<std::string> merged(const giflab_model_source &source, const std::string &trunk,
                           const std::string &heads) {
   auto first = model_files::weights_file::open(trunk, never),
        second = model_files::weights_file::open(heads, never);
   REQUIRE_MESSAGE(first, (first ? "" : first.error().text));
   REQUIRE_MESSAGE(second, (second ? "" : second.error().text));
   return model_files::merge(source, *first, *second).map([](const auto &bytes) { return string_of(bytes); });
}

// The tensors of a file, for a writer of ours.
std::vector<numbers> numbers_of(const std::vector<model_files::tensor> &tensors, const std::string &start) {
   std::vector<numbers> made;
   for (const model_files::tensor &one : tensors)
      if (one.name.starts_with(start))
         made.push_back({one.name, one.shape, string_of(one.storage)});
   return made;
}

const std::vector<numbers> trunk_numbers = {{"features.0.weight", {2, 1, 1, 1}, "abcdefgh"},
                                            {"features.0.bias", {2}, "ijklmnop"},
                                            {"classifier.1.weight", {1}, "qrst"}},
                           head_numbers = {{"lin0.model.1.weight", {1, 2, 1, 1}, "ABCDEFGH"},
                                           {"lins.0.model.1.weight", {1, 2, 1, 1}, "ABCDEFGH"}};

} // namespace

TEST_CASE("the published SqueezeNet model comes out of its own tensors, whatever PyTorch packs them in") {
   const std::string published = std::string(SHARED_DIRECTORY) + "/models/lpips-squeeze-0.1.safetensors";
   if (!fs::exists(published)) {
      std::cout << "skipped: " << published << " is not here\n";
      return;
   }
   const auto file = model_files::weights_file::open(published, never);
   REQUIRE_MESSAGE(file, (file ? "" : file.error().text));
   std::vector<numbers> trunk = numbers_of(file->tensors, "features."),
                        heads = numbers_of(file->tensors, "lin");
   trunk.push_back({"classifier.1.bias", {1}, "none"}); // which is left out
   const workplace here;
   const giflab_model_source source = source_of(
       "lpips-squeeze-0.1", "8eee338477236adeb53380b1c9e08064d8396fe907fe34815fcb375ad6aca806", 2904448);
   const std::string whole = string_of(file->content.bytes());
   const std::string new_trunk = here.write("trunk.pth", zip_file(trunk)),
                     old_trunk = here.write("old_trunk.pth", legacy_file(trunk)),
                     new_heads = here.write("heads.pth", zip_file(heads)),
                     old_heads = here.write("old_heads.pth", legacy_file(heads)),
                     only_heads = std::string(SHARED_DIRECTORY) + "/models/lpips-squeeze-heads-0.1.safetensors";
   CHECK(merged(source, new_trunk, old_heads) == whole);
   CHECK(merged(source, old_trunk, new_heads) == whole);
   CHECK(merged(source, published, only_heads) == whole);
}

TEST_CASE(
    "a merged file is the same bytes each time: a header of a multiple of 64, then tensors in their order") {
   const workplace here;
   const std::string trunk = zip_file(trunk_numbers), heads = legacy_file(head_numbers);
   const auto made =
       merged(source_of("twin-1", "", 0), here.write("trunk.pth", trunk), here.write("heads.pth", heads));
   REQUIRE_MESSAGE(made, (made ? "" : made.error().text));
   const std::string header =
       R"({"__metadata__":{"model":"twin-1","trunk":"trunk.pth, SHA-256 )" + sha256_of(trunk) +
       R"(","heads":"heads.pth, SHA-256 )" + sha256_of(heads) +
       R"("},"features.0.weight":{"dtype":"F32","shape":[2,1,1,1],"data_offsets":[0,8]},)"
       R"("features.0.bias":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},)"
       R"("lin0.model.1.weight":{"dtype":"F32","shape":[1,2,1,1],"data_offsets":[16,24]}})";
   const std::size_t padded = (8 + header.size() + 63) / 64 * 64 - 8;
   CHECK(*made ==
         little(padded, 8) + header + std::string(padded - header.size(), ' ') + "abcdefghijklmnopABCDEFGH");
   const auto again = model_files::read_safetensors(std::as_bytes(std::span(*made)));
   REQUIRE_MESSAGE(again, (again ? "" : again.error().text));
   CHECK(again->size() == 3);
}

TEST_CASE("files that are not what they are given for are refused") {
   const workplace here;
   const auto refusal_of = [&](const std::string &name, const std::string &bytes) {
      const auto file = model_files::weights_file::open(here.write(name, bytes), never);
      return file ? "taken" : file.error().text;
   };
   const std::string trunk = zip_file(trunk_numbers), digits = sha256_of(trunk).substr(0, 8);
   CHECK(refusal_of("net-" + digits + ".pth", trunk) == "taken");
   CHECK(contains(refusal_of("net-01234567.pth", trunk),
                  "begins with " + digits + ", and its name says 01234567"));
   CHECK(refusal_of("net-0123456.pth", trunk) == "taken"); // no such digits
   CHECK(contains(refusal_of("empty.pth", ""), "it is empty"));
   CHECK(contains(refusal_of("page.pth", "<!DOCTYPE html><html>"), "no safetensors file"));
   CHECK(contains(refusal_of("deep.pth", little(2000, 8) + std::string(2000, '[')), "nested too deep"));
   CHECK(contains(model_files::weights_file::open(here.folder.path().string(), never).error().text,
                  "no regular file"));
   CHECK(contains(model_files::weights_file::open("/nowhere.pth", never).error().text, "No such file"));

   const std::string a = here.write("a.pth", trunk), b = here.write("b.pth", zip_file(head_numbers));
   const giflab_model_source source = source_of("twin-1", "", 0);
   CHECK(contains(merged(source, b, b).error().text, "no tensor called features.*"));
   CHECK(contains(merged(source, a, a).error().text, "no tensor called lin0.*"));
}

TEST_CASE(
    "an installed model is found by the registry, by its hash or its pin; anything else is not installed") {
   const workplace here;
   const std::string folder = here.folder.file("models"), content = "the weights", hash = sha256_of(content);
   const auto bytes = std::as_bytes(std::span(content));
   const giflab_model_source known = source_of("known-1", hash.c_str(), content.size()),
                             pinned = source_of("pinned-1", "", 0);
   for (const giflab_model_source &source : {known, pinned}) {
      const auto path = model_files::install(source, bytes, folder, ".safetensors");
      REQUIRE_MESSAGE(path, (path ? "" : path.error().text));
      modules::model_registry registry({folder});
      const auto model = registry.acquire(source, nullptr);
      REQUIRE_MESSAGE(model, (model ? "" : model.error().text));
      CHECK((*model)->path == *path);
      CHECK(registry.release(*model));
   }
   CHECK(fs::exists(fs::path(folder) / "pinned-1.safetensors.sha256"));
   CHECK_FALSE(fs::exists(fs::path(folder) / "known-1.safetensors.sha256"));
   const std::string other = "the weightS";
   for (const std::string &wrong : {other, content + "x"})
      CHECK_FALSE(model_files::install(known, std::as_bytes(std::span(wrong)), folder, ".bin"));
   CHECK_FALSE(fs::exists(fs::path(folder) / "known-1.bin"));
   CHECK_FALSE(model_files::install(known, bytes, "/proc/nowhere", ""));
}

TEST_CASE("a model keeps the extension of the file that it comes from, unless it would not be found then") {
   using model_files::extension_for;
   CHECK(extension_for("a-1.0", "weights.safetensors") == ".safetensors");
   CHECK(extension_for("a-1.0", "a-1.0") == "");
   CHECK(extension_for("a-1.0", "weights-1.0") == "");
   CHECK(extension_for("a", "weights") == "");
   CHECK(extension_for("a", "weights.part") == "");
   CHECK(extension_for("a", "weights.sha256") == "");
   CHECK(extension_for("a", "weights.a b") == "");
   CHECK(extension_for("a", "weights.") == "");
}
