#include "model_files/safetensors_file.hpp"

#include "config/printable.hpp"
#include "model_files/byte_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace giflab::model_files {

namespace {

using json = nlohmann::ordered_json;

constexpr uint64_t most_header_bytes = uint64_t{1} << 20; // a hundred times what VGG16 takes
constexpr std::size_t alignment = 64;
constexpr std::string_view metadata_name = "__metadata__";

const element_type &type_called(const std::string &name) {
   for (const element_type &type : element_types())
      if (type.name == name)
         return type;
   throw refusal(fmt::format("it has numbers of the type {}, which is not known", config::in_quotes(name)));
}

std::vector<uint64_t> dense_strides(const std::vector<uint64_t> &shape) {
   std::vector<uint64_t> strides(shape.size(), 1);
   for (std::size_t i = shape.size(); i-- > 1;)
      if (__builtin_mul_overflow(strides[i], std::max<uint64_t>(shape[i], 1), &strides[i - 1]))
         throw refusal("it has a tensor that is too large to be");
   return strides;
}

tensor tensor_of(const std::string &name, const json &about, std::span<const std::byte> data) {
   tensor made;
   made.name = name;
   made.type = &type_called(about.at("dtype").get<std::string>());
   for (const json &extent : about.at("shape"))
      made.shape.push_back(extent.is_number_unsigned()
                               ? extent.get<uint64_t>()
                               : throw refusal("it has an extent that is no number from 0 up"));
   const json &offsets = about.at("data_offsets");
   if (offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
      throw refusal(fmt::format("the tensor {} has no two offsets", config::in_quotes(name)));
   const auto begin = offsets[0].get<uint64_t>(), end = offsets[1].get<uint64_t>();
   if (begin > end || end > data.size())
      throw refusal(fmt::format("the tensor {} is out of bounds", config::in_quotes(name)));
   made.strides = dense_strides(made.shape);
   made.storage = data.subspan(begin, end - begin);
   check_tensor(made);
   if (count_of(made) * made.type->bytes != made.storage.size())
      throw refusal(fmt::format("the tensor {} has another size than its shape", config::in_quotes(name)));
   return made;
}

// The header is shallow; a deep one would take the stack of the parser's destructor.
json parsed(std::string_view text) {
   constexpr int deepest = 4;
   const json header = json::parse(
       text,
       [](int depth, json::parse_event_t, json &) {
          return depth <= deepest ? true : throw refusal("its header is nested too deep");
       },
       false);
   if (!header.is_object())
      throw refusal("its header is no JSON object");
   return header;
}

std::vector<tensor> read(std::span<const std::byte> file) {
   byte_reader bytes(file);
   const uint64_t length = bytes.number(8);
   if (length > most_header_bytes)
      throw refusal(fmt::format("it is no safetensors file, or one with a header of {} bytes", length));
   const json header = parsed(bytes.text(length));
   const auto data = bytes.bytes(bytes.left());
   std::vector<tensor> tensors;
   for (const auto &[name, about] : header.items())
      if (name != metadata_name)
         tensors.push_back(tensor_of(name, about, data));
   std::sort(tensors.begin(), tensors.end(), [](const tensor &a, const tensor &b) {
      return std::pair(a.storage.data(), a.storage.size()) < std::pair(b.storage.data(), b.storage.size());
   });
   const std::byte *covered = data.data();
   for (const tensor &one : tensors) {
      if (one.storage.data() != covered)
         throw refusal("its tensors overlap or leave a gap");
      covered += one.storage.size();
   }
   if (covered != data.data() + data.size())
      throw refusal("there are bytes behind its tensors");
   return tensors;
}

// As JSON wants it. Throws where it is no UTF-8.
std::string quoted(const std::string &text) { return json(text).dump(); }

} // namespace

result<std::vector<tensor>> read_safetensors(std::span<const std::byte> file) {
   try {
      return read(file);
   } catch (const refusal &refused) {
      return failed(problem::input, refused.what());
   } catch (const json::exception &) {
      return failed(problem::input, "its header lacks the type, shape or offsets of a tensor");
   }
}

result<std::vector<std::byte>> write_safetensors(std::span<const tensor> tensors, const texts &metadata) {
   std::vector<std::string> entries, words;
   std::vector<std::byte> data;
   if (std::any_of(tensors.begin(), tensors.end(), [](const tensor &one) { return one.name == metadata_name; }))
      return failed(problem::input, "it has a tensor with the name of what is no tensor, __metadata__");
   try {
      for (const auto &[key, text] : metadata)
         words.push_back(fmt::format("{}:{}", quoted(key), quoted(text)));
      if (!words.empty())
         entries.push_back(fmt::format("\"__metadata__\":{{{}}}", fmt::join(words, ",")));
      for (const tensor &one : tensors) {
         const std::size_t begin = data.size();
         append_numbers(one, data);
         entries.push_back(fmt::format(R"({}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                                       quoted(one.name), one.type->name, fmt::join(one.shape, ","), begin,
                                       data.size()));
      }
   } catch (const json::exception &) {
      return failed(problem::input, "it has a name that is no UTF-8");
   }
   std::string header = fmt::format("{{{}}}", fmt::join(entries, ","));
   header.resize((8 + header.size() + alignment - 1) / alignment * alignment - 8, ' ');
   if (header.size() > most_header_bytes)
      return failed(problem::input, "its names make a header of more than 1 MiB");
   std::vector<std::byte> file(8);
   for (std::size_t i = 0; i < 8; ++i)
      file[i] = static_cast<std::byte>(header.size() >> (8 * i));
   const auto *letters = reinterpret_cast<const std::byte *>(header.data());
   file.insert(file.end(), letters, letters + header.size());
   file.insert(file.end(), data.begin(), data.end());
   return file;
}

} // namespace giflab::model_files
