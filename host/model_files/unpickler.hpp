#pragma once
// Python's pickle, protocol 2, as far as files of weights need it: the documentation of the format is
// https://docs.python.org/3/library/pickletools.html. It never calls anything: it builds dictionaries, lists,
// texts and numbers, and what PyTorch's own functions would have made into tensors it keeps as descriptions.
// Any other instruction and any other name is refused.

#include "model_files/byte_reader.hpp"
#include "model_files/tensor.hpp"

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace giflab::model_files {

// Where a tensor's numbers are to be found.
struct pickled_storage {
   std::string key;
   const element_type *type;
   uint64_t count; // of numbers
};

struct pickled_tensor {
   std::size_t storage; // index in pickled::storages
   uint64_t offset;
   std::vector<uint64_t> shape, strides;
};

enum class value_kind : uint8_t {
   none,
   boolean,
   integer,
   real,
   text,
   tuple,
   list,
   dictionary,
   name,
   storage,
   tensor
};

// A value and those in it, by their numbers in pickled::values: no value owns another, so that one that holds
// itself is no trouble, and nothing is deep.
struct pickled_value {
   value_kind kind = value_kind::none;
   int64_t number = 0;          // of boolean and integer; the index of a storage or tensor
   std::string text;            // of text and name ("module.name")
   std::vector<uint32_t> items; // of tuple and list; of a dictionary key, value, key, value, ...
};

struct pickled {
   std::deque<pickled_value> values;
   std::vector<pickled_storage> storages;
   std::vector<pickled_tensor> tensors;
   uint32_t top = 0; // what the pickle is of
};

// Reads one pickle and stops behind it. Throws refusal. Time and memory are bounded by the bytes read, and by a
// limit far above what any network takes.
pickled unpickle(byte_reader &bytes);

} // namespace giflab::model_files
