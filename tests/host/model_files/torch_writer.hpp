#pragma once
// Files as torch.save writes them, made without PyTorch.

#include <boost/crc.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace torch_writer {

inline std::string little(uint64_t value, std::size_t size) {
   std::string bytes;
   for (std::size_t i = 0; i < size; ++i)
      bytes += static_cast<char>(value >> (8 * i));
   return bytes;
}

// ---- Pickles, instruction by instruction

inline std::string text(const std::string &of) { return "X" + little(of.size(), 4) + of; }
inline std::string integer(int64_t value) {
   return std::string("\x8a\x08") + little(static_cast<uint64_t>(value), 8);
}
inline std::string name(const std::string &module, const std::string &what) {
   return "c" + module + "\n" + what + "\n";
}
inline std::string pickle(const std::string &of) { return "\x80\x02" + of + "."; }

template <class Numbers> std::string integers(const Numbers &numbers) {
   std::string made = "(";
   for (const auto number : numbers)
      made += integer(static_cast<int64_t>(number));
   return made + "t";
}

inline std::string storage(const std::string &type, const std::string &key, int64_t count) {
   return "(" + text("storage") + name("torch", type) + text(key) + text("cpu") + integer(count) + "tQ";
}

template <class Shape>
std::string tensor(const std::string &of_storage, int64_t offset, const Shape &shape, const Shape &strides) {
   return name("torch._utils", "_rebuild_tensor_v2") + "(" + of_storage + integer(offset) + integers(shape) +
          integers(strides) + "\x89" + name("collections", "OrderedDict") + ")RtR";
}

// ---- Whole files

struct numbers {
   std::string name;
   std::vector<uint64_t> shape;
   std::string bytes; // of float32
};

// The pickle of an OrderedDict; the storage of the i-th tensor has the key i.
inline std::string state_pickle(const std::vector<numbers> &tensors) {
   std::string items;
   for (std::size_t i = 0; i < tensors.size(); ++i) {
      std::vector<uint64_t> strides(tensors[i].shape.size(), 1);
      for (std::size_t d = strides.size(); d-- > 1;)
         strides[d - 1] = strides[d] * tensors[i].shape[d];
      const auto count = static_cast<int64_t>(tensors[i].bytes.size() / 4);
      items += text(tensors[i].name) +
               tensor(storage("FloatStorage", std::to_string(i), count), 0, tensors[i].shape, strides) + "q" +
               little(i & 0xFF, 1);
   }
   // The state with _metadata behind it, as state_dict() has it.
   return pickle(name("collections", "OrderedDict") + ")R(" + items + "u}" + text("_metadata") +
                 name("collections", "OrderedDict") + ")Rsb");
}

struct entry {
   std::string name, bytes;
   uint16_t method = 0, flags = 0;
};

inline std::string zip(const std::vector<entry> &entries) {
   std::string file, directory;
   for (const entry &one : entries) {
      boost::crc_32_type sum;
      sum.process_bytes(one.bytes.data(), one.bytes.size());
      const std::string facts = little(one.flags, 2) + little(one.method, 2) + little(0, 4) +
                                little(sum.checksum(), 4) + little(one.bytes.size(), 4) +
                                little(one.bytes.size(), 4) + little(one.name.size(), 2);
      const std::string padding(static_cast<std::size_t>(file.size() % 7), 'Z'); // as for alignment
      directory += "PK\x01\x02" + little(0, 4) + facts + little(0, 2) + little(0, 2) + little(0, 8) +
                   little(file.size(), 4) + one.name;
      file += "PK\x03\x04" + little(0, 2) + facts + little(padding.size(), 2) + one.name + padding + one.bytes;
   }
   const uint64_t at = file.size();
   return file + directory + "PK\x05\x06" + little(0, 4) + little(entries.size(), 2) +
          little(entries.size(), 2) + little(directory.size(), 4) + little(at, 4) + little(0, 2);
}

inline std::string zip_of(const std::string &pickled, const std::vector<numbers> &tensors) {
   std::vector<entry> entries = {{"archive/data.pkl", pickled}, {"archive/byteorder", "little"}};
   for (std::size_t i = 0; i < tensors.size(); ++i)
      entries.push_back({"archive/data/" + std::to_string(i), tensors[i].bytes});
   entries.push_back({"archive/version", "3\n"});
   return zip(entries);
}
inline std::string zip_file(const std::vector<numbers> &tensors) {
   return zip_of(state_pickle(tensors), tensors);
}

inline std::string legacy_of(const std::string &pickled, const std::vector<numbers> &tensors) {
   std::string keys, data;
   for (std::size_t i = 0; i < tensors.size(); ++i) {
      keys += text(std::to_string(i));
      data += little(tensors[i].bytes.size() / 4, 8) + tensors[i].bytes;
   }
   const std::string start("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
   return start + pickle("M\xe9\x03") +
          pickle("}(" + text("protocol_version") + "M\xe9\x03" + text("little_endian") + "\x88u") + pickled +
          pickle("](" + keys + "e") + data;
}
inline std::string legacy_file(const std::vector<numbers> &tensors) {
   return legacy_of(state_pickle(tensors), tensors);
}

} // namespace torch_writer
