#pragma once
// Numbers and texts one behind the other, for this machine to read again.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace giflab::engine {

class packed_bytes {
 public:
   void number(int64_t value) { bytes_.append(reinterpret_cast<const char *>(&value), sizeof value); }
   void text(std::string_view value) {
      number(static_cast<int64_t>(value.size()));
      bytes_ += value;
   }
   void texts(const std::vector<std::string> &values) {
      number(static_cast<int64_t>(values.size()));
      for (const std::string &value : values)
         text(value);
   }
   const std::string &bytes() const { return bytes_; }

 private:
   std::string bytes_;
};

// Behind the end everything is 0 or empty, and is_whole() false.
class unpacked_bytes {
 public:
   explicit unpacked_bytes(std::string_view bytes) : left_(bytes) {}

   int64_t number() {
      int64_t value = 0;
      if (take(sizeof value))
         std::memcpy(&value, taken_.data(), sizeof value);
      return value;
   }
   std::string text() {
      const int64_t size = number();
      return size >= 0 && take(static_cast<uint64_t>(size)) ? std::string(taken_) : std::string();
   }
   std::vector<std::string> texts() {
      std::vector<std::string> values(count(sizeof(int64_t)));
      for (std::string &value : values)
         value = text();
      return values;
   }
   // How many things of at least so many bytes come; 0 if they could not.
   std::size_t count(std::size_t each) {
      const auto many = static_cast<uint64_t>(number());
      whole_ = whole_ && many <= left_.size() / each;
      return whole_ ? static_cast<std::size_t>(many) : 0;
   }

   // Everything was there, and nothing is left.
   bool is_whole() const { return whole_ && left_.empty(); }

 private:
   bool take(uint64_t size) {
      whole_ = whole_ && size <= left_.size();
      if (!whole_)
         return false;
      taken_ = left_.substr(0, static_cast<std::size_t>(size));
      left_.remove_prefix(taken_.size());
      return true;
   }

   std::string_view left_, taken_;
   bool whole_ = true;
};

} // namespace giflab::engine
