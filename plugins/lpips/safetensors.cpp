#include "safetensors.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

namespace giflab::lpips {

namespace {

using nlohmann::json;

constexpr size_t length_bytes = 8;
constexpr size_t most_header_bytes = size_t{1} << 20; // a hundred times what the largest network here takes

[[noreturn]] void refuse(const std::string &what) {
   throw failure(GIFLAB_IO, "the weights are no usable safetensors file: " + what);
}

// A name from the file, in a length that a sentence bears and without what a terminal would obey.
std::string in_quotes(const std::string &name) {
   constexpr size_t most = 60;
   std::string shown = name.substr(0, most);
   std::replace_if(
       shown.begin(), shown.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
   return "'" + shown + (name.size() > most ? "...'" : "'");
}

size_t header_length(std::span<const std::byte> file) {
   if (file.size() < length_bytes)
      refuse("it has " + std::to_string(file.size()) + " bytes, and the length of its header takes 8");
   uint64_t length = 0;
   for (size_t i = length_bytes; i-- > 0;)
      length = length << 8 | std::to_integer<uint64_t>(file[i]);
   if (length > most_header_bytes)
      refuse("its header claims " + std::to_string(length) + " bytes, and at most " +
             std::to_string(most_header_bytes) + " are taken");
   if (length > file.size() - length_bytes)
      refuse("its header claims " + std::to_string(length) + " bytes, and the file ends after " +
             std::to_string(file.size() - length_bytes));
   return static_cast<size_t>(length);
}

// What the header says of one tensor.
struct described {
   std::string type;
   std::vector<uint64_t> shape, offsets;
   bool has_type = false, has_shape = false, has_offsets = false;
};

// Takes the header's JSON piece by piece: a tree of it could not be given back once memory has run out.
class header_reader : public nlohmann::json_sax<json> {
 public:
   std::map<std::string, described> tensors;

   bool start_object(size_t) override {
      if (++depth_ > 2 || list_)
         misplaced();
      return true;
   }
   bool end_object() override {
      --depth_;
      field_.clear();
      return true;
   }
   bool key(string_t &name) override {
      if (depth_ == 2)
         field_ = name;
      else {
         metadata_ = name == "__metadata__";
         name_ = name;
         if (!metadata_ && !tensors.try_emplace(name).second)
            refuse("it describes " + in_quotes(name) + " twice");
      }
      return true;
   }
   bool start_array(size_t) override {
      if (depth_ != 2 || metadata_ || list_)
         misplaced();
      described &now = tensors[name_];
      if (field_ == "shape")
         begin(now.shape, now.has_shape);
      else if (field_ == "data_offsets")
         begin(now.offsets, now.has_offsets);
      else
         misplaced();
      return true;
   }
   bool end_array() override {
      list_ = nullptr;
      return true;
   }
   bool number_unsigned(number_unsigned_t value) override {
      constexpr size_t most_dimensions = 8;
      if (!list_ || list_->size() == most_dimensions)
         misplaced();
      list_->push_back(value);
      return true;
   }
   bool string(string_t &value) override {
      if (depth_ != 2 || list_)
         misplaced();
      if (metadata_)
         return true;
      described &now = tensors[name_];
      if (field_ != "dtype" || now.has_type)
         misplaced();
      now.type = value;
      now.has_type = true;
      return true;
   }
   bool null() override { misplaced(); }
   bool boolean(bool) override { misplaced(); }
   bool number_integer(number_integer_t) override { misplaced(); }
   bool number_float(number_float_t, const string_t &) override { misplaced(); }
   bool binary(binary_t &) override { misplaced(); }
   bool parse_error(size_t position, const std::string &, const nlohmann::detail::exception &) override {
      refuse("its header is no JSON from byte " + std::to_string(position) + " on");
   }

 private:
   void begin(std::vector<uint64_t> &list, bool &seen) {
      if (seen)
         misplaced();
      seen = true;
      list_ = &list;
   }
   [[noreturn]] void misplaced() const {
      refuse("its header has something at " + in_quotes(name_) + " that belongs to no description of a tensor");
   }

   int depth_ = 0;
   bool metadata_ = false;
   std::string name_, field_;
   std::vector<uint64_t> *list_ = nullptr; // that numbers go to
};

std::map<std::string, described> descriptions(std::span<const std::byte> header) {
   const auto *text = reinterpret_cast<const char *>(header.data());
   header_reader reader;
   json::sax_parse(text, text + header.size(), &reader);
   return std::move(reader.tensors);
}

template <class Extent> std::string shape_text(std::span<const Extent> shape) {
   std::string text = "[";
   for (const Extent extent : shape)
      text += (text.size() > 1 ? "," : "") + std::to_string(extent);
   return text + "]";
}

} // namespace

safetensors::safetensors(std::span<const std::byte> file) {
   const size_t length = header_length(file);
   data_ = file.subspan(length_bytes + length);
   for (const auto &[name, found] : descriptions(file.subspan(length_bytes, length))) {
      if (!found.has_type || !found.has_shape || found.offsets.size() != 2)
         refuse(in_quotes(name) + " lacks its dtype, its shape or the two data_offsets");
      const uint64_t begin = found.offsets[0], end = found.offsets[1];
      if (begin > end || end > data_.size())
         refuse(in_quotes(name) + " stands at bytes " + std::to_string(begin) + " to " + std::to_string(end) +
                " of " + std::to_string(data_.size()));
      tensors_.emplace(name, tensor{found.type, shape_text<uint64_t>(found.shape), static_cast<size_t>(begin),
                                    static_cast<size_t>(end)});
   }
   check_cover();
}

void safetensors::check_cover() const {
   std::vector<std::pair<size_t, size_t>> ranges;
   ranges.reserve(tensors_.size());
   for (const auto &[name, entry] : tensors_)
      ranges.emplace_back(entry.begin, entry.end);
   std::sort(ranges.begin(), ranges.end());
   size_t covered = 0;
   for (const auto &[begin, end] : ranges) {
      if (begin != covered)
         refuse("its tensors overlap or leave a gap at byte " + std::to_string(std::min(begin, covered)));
      covered = end;
   }
   if (covered != data_.size())
      refuse("its tensors end at byte " + std::to_string(covered) + " of " + std::to_string(data_.size()));
}

std::span<const float> safetensors::floats(const std::string &name, std::span<const int64_t> shape) const {
   const auto found = tensors_.find(name);
   if (found == tensors_.end())
      refuse("it has no tensor " + in_quotes(name));
   const tensor &entry = found->second;
   if (entry.type != "F32")
      refuse(in_quotes(name) + " holds " + in_quotes(entry.type) + ", and F32 is needed");
   if (entry.shape != shape_text(shape))
      refuse(in_quotes(name) + " has the shape " + entry.shape + ", and " + shape_text(shape) + " is needed");
   size_t count = 1;
   for (const int64_t extent : shape)
      count *= static_cast<size_t>(extent);
   if (entry.end - entry.begin != count * sizeof(float))
      refuse(in_quotes(name) + " takes " + std::to_string(entry.end - entry.begin) + " bytes, and its shape " +
             std::to_string(count * sizeof(float)));
   const std::byte *bytes = data_.data() + entry.begin;
   if (reinterpret_cast<uintptr_t>(bytes) % alignof(float) != 0)
      refuse(in_quotes(name) + " does not stand at a multiple of 4 bytes");
   return {reinterpret_cast<const float *>(bytes), count};
}

} // namespace giflab::lpips
