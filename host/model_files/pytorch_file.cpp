#include "model_files/pytorch_file.hpp"

#include "config/printable.hpp"
#include "model_files/unpickler.hpp"
#include "model_files/zip_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <set>

namespace giflab::model_files {

namespace {

constexpr std::size_t most_tensors = 10'000;
constexpr std::size_t most_pickle_bytes = std::size_t{16} << 20;
constexpr std::array<unsigned char, 4> zip_start = {'P', 'K', 3, 4};
// The number 0x1950a86a20f9469cfc6c, pickled: what torch.save wrote first.
constexpr std::array<unsigned char, 15> legacy_start = {0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46,
                                                        0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};

template <std::size_t Count>
bool begins_with(std::span<const std::byte> file, const std::array<unsigned char, Count> &start) {
   return file.size() >= Count && std::memcmp(file.data(), start.data(), Count) == 0;
}

// The numbers of each storage of a pickle, by its index.
using storage_bytes = std::vector<std::span<const std::byte>>;

const char *word_for(value_kind kind) {
   constexpr const char *words[] = {"None",   "a truth value", "a number", "a number",  "a text",  "a tuple",
                                    "a list", "a dictionary",  "a name",   "a storage", "a tensor"};
   return words[static_cast<std::size_t>(kind)];
}

tensor tensor_of(const std::string &name, const pickled &read, const pickled_tensor &found,
                 const storage_bytes &bytes) {
   tensor made{
       name, read.storages[found.storage].type, found.shape, found.strides, found.offset, bytes[found.storage]};
   check_tensor(made);
   return made;
}

std::vector<tensor> tensors_of(const pickled &read, const storage_bytes &bytes) {
   const pickled_value &top = read.values[read.top];
   if (top.kind != value_kind::dictionary)
      throw refusal(fmt::format("it holds {}, and a dictionary of tensors is wanted", word_for(top.kind)));
   if (top.items.size() / 2 > most_tensors)
      throw refusal(fmt::format("it has more than {} tensors", most_tensors));
   std::vector<tensor> tensors;
   std::set<std::string> names;
   for (std::size_t i = 0; i < top.items.size(); i += 2) {
      const pickled_value &key = read.values[top.items[i]], &value = read.values[top.items[i + 1]];
      if (key.kind != value_kind::text)
         throw refusal(fmt::format("it has {} where the name of a tensor must be", word_for(key.kind)));
      if (value.kind != value_kind::tensor)
         throw refusal(fmt::format("it holds {} under {}, and only tensors are wanted", word_for(value.kind),
                                   config::in_quotes(key.text)));
      if (!names.insert(key.text).second)
         throw refusal(fmt::format("it has two tensors called {}", config::in_quotes(key.text)));
      tensors.push_back(tensor_of(key.text, read, read.tensors[static_cast<std::size_t>(value.number)], bytes));
   }
   return tensors;
}

uint64_t size_of(const pickled_storage &storage) {
   uint64_t bytes = 0;
   if (__builtin_mul_overflow(storage.count, storage.type->bytes, &bytes))
      throw refusal(fmt::format("the storage {} is too large to be", config::in_quotes(storage.key)));
   return bytes;
}

std::vector<tensor> read_zip(std::span<const std::byte> file) {
   constexpr std::string_view pickle_name = "/data.pkl", order_name = "/byteorder";
   const zip_archive archive(file);
   const std::string pickle = archive.only_one_ending(pickle_name);
   const std::string folder = pickle.substr(0, pickle.size() - pickle_name.size());
   if (const std::string order = folder + std::string(order_name); archive.has(order)) {
      byte_reader word(archive.entry(order));
      if (word.text(word.left()) != "little")
         throw refusal("it was saved on a machine with another order of bytes");
   }
   const auto pickled_bytes = archive.entry(pickle);
   if (pickled_bytes.size() > most_pickle_bytes)
      throw refusal("its pickle is larger than 16 MiB");
   byte_reader bytes(pickled_bytes);
   const pickled read = unpickle(bytes);
   storage_bytes storages;
   for (const pickled_storage &storage : read.storages) {
      const auto found = archive.entry(folder + "/data/" + storage.key);
      if (found.size() != size_of(storage))
         throw refusal(fmt::format("the storage {} has {} bytes instead of {}", config::in_quotes(storage.key),
                                   found.size(), size_of(storage)));
      storages.push_back(found);
   }
   return tensors_of(read, storages);
}

// A number, then what the machine was like, as pickles of their own.
void check_legacy_header(byte_reader &bytes) {
   constexpr int64_t protocol = 1001;
   const pickled version = unpickle(bytes);
   if (version.values[version.top].kind != value_kind::integer ||
       version.values[version.top].number != protocol)
      throw refusal("it has another version of the format than 1001");
   const pickled system = unpickle(bytes);
   const pickled_value &about = system.values[system.top];
   for (std::size_t i = 0; about.kind == value_kind::dictionary && i < about.items.size(); i += 2)
      if (const pickled_value &value = system.values[about.items[i + 1]];
          system.values[about.items[i]].text == "little_endian" && value.kind == value_kind::boolean &&
          value.number == 1)
         return;
   throw refusal("it does not say that it was saved on a machine with this order of bytes");
}

// The storages' keys, then each storage in that order: how many numbers, and the numbers.
storage_bytes read_legacy_storages(byte_reader &bytes, const pickled &read) {
   const pickled keys = unpickle(bytes);
   const pickled_value &list = keys.values[keys.top];
   if (list.kind != value_kind::list || list.items.size() != read.storages.size())
      throw refusal("it lists other storages than its tensors need");
   storage_bytes storages(read.storages.size());
   std::set<std::size_t> seen;
   for (const uint32_t item : list.items) {
      const std::string &key = keys.values[item].text;
      const auto found = std::find_if(read.storages.begin(), read.storages.end(),
                                      [&](const pickled_storage &one) { return one.key == key; });
      const auto index = static_cast<std::size_t>(found - read.storages.begin());
      if (found == read.storages.end() || !seen.insert(index).second)
         throw refusal("it lists other storages than its tensors need");
      if (bytes.number(8) != found->count)
         throw refusal(
             fmt::format("the storage {} has another length than its tensors say", config::in_quotes(key)));
      storages[index] = bytes.bytes(size_of(*found));
   }
   if (bytes.left() > 0)
      throw refusal(fmt::format("{} bytes follow behind its end", bytes.left()));
   return storages;
}

std::vector<tensor> read_legacy(std::span<const std::byte> file) {
   byte_reader bytes(file);
   bytes.skip(legacy_start.size());
   check_legacy_header(bytes);
   const pickled read = unpickle(bytes);
   return tensors_of(read, read_legacy_storages(bytes, read));
}

} // namespace

bool looks_like_pytorch(std::span<const std::byte> file) {
   return begins_with(file, zip_start) || begins_with(file, legacy_start);
}

result<std::vector<tensor>> read_pytorch(std::span<const std::byte> file) {
   try {
      if (begins_with(file, zip_start))
         return read_zip(file);
      if (begins_with(file, legacy_start))
         return read_legacy(file);
      throw refusal("it does not begin like a file of torch.save");
   } catch (const refusal &refused) {
      return failed(problem::input, refused.what());
   }
}

} // namespace giflab::model_files
