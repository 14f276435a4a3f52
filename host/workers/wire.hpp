#pragma once
// Values as bytes between processes of one program on one machine: no versions, no byte order, every bit of a
// number as it was. One list of fields a type serves both directions: fields(value, each) calls each(field...).

#include "error.hpp"

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace giflab::workers {

// What arrived is no message: the other process is broken.
struct malformed : std::runtime_error {
   malformed() : std::runtime_error("a message between giflab's processes makes no sense") {}
};

template <class T>
concept number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

// True for `Wanted` and `const Wanted`: what a list of fields is written for.
template <class T, class Wanted>
concept like = std::same_as<std::remove_const_t<T>, Wanted>;

class writer {
 public:
   template <class... T> void operator()(const T &...values) { (put(values), ...); }

   std::string take() { return std::move(bytes_); }

 private:
   template <number T> void put(const T &value) {
      const auto *first = reinterpret_cast<const char *>(&value);
      bytes_.append(first, sizeof value);
   }
   void put(const std::string &text) {
      put(uint64_t{text.size()});
      bytes_ += text;
   }
   // Null, a text, or a list of texts that ends with null: what tables of plugins are made of.
   void put(const char *const &text) {
      put(text != nullptr);
      if (text)
         put(std::string(text));
   }
   void put(const char *const *const &list) {
      put(list != nullptr);
      for (const char *const *one = list; one && (put(*one), *one); ++one)
         ;
   }
   template <class T> void put(const std::vector<T> &list) { put_all(list); }
   template <class T> void put(const std::deque<T> &list) { put_all(list); }
   template <class T, std::size_t N> void put(const std::array<T, N> &list) {
      for (const T &one : list)
         put(one);
   }
   template <class T> void put(const std::optional<T> &value) {
      put(value.has_value());
      if (value)
         put(*value);
   }
   template <class T>
   requires(!number<T>) void put(const T &value) { fields(value, *this); }
   template <class List> void put_all(const List &list) {
      put(uint64_t{list.size()});
      for (const auto &one : list)
         put(one);
   }

   std::string bytes_;
};

// Throws `malformed`.
class reader {
 public:
   explicit reader(std::string_view bytes) : rest_(bytes) {}

   template <class... T> void operator()(T &...values) { (get(values), ...); }

   std::string_view rest() const { return rest_; }

   template <class T> T one() {
      T value{};
      get(value);
      return value;
   }

 private:
   std::string_view take(uint64_t count) {
      if (count > rest_.size())
         throw malformed();
      const std::string_view taken = rest_.substr(0, count);
      rest_.remove_prefix(count);
      return taken;
   }
   template <number T> void get(T &value) { std::memcpy(&value, take(sizeof value).data(), sizeof value); }
   void get(bool &value) {
      uint8_t byte = 0;
      get(byte);
      value = byte != 0;
   }
   void get(std::string &text) { text = take(one<uint64_t>()); }
   void get(const char *&text) { text = one<bool>() ? keep(one<std::string>()) : nullptr; }
   void get(const char *const *&list);
   template <class T> void get(std::vector<T> &list) { get_all(list); }
   template <class T> void get(std::deque<T> &list) { get_all(list); }
   template <class T, std::size_t N> void get(std::array<T, N> &list) {
      for (T &one : list)
         get(one);
   }
   template <class T> void get(std::optional<T> &value) {
      value.reset();
      if (one<bool>())
         value = one<T>();
   }
   template <class T>
   requires(!number<T>) void get(T &value) { fields(value, *this); }
   template <class List> void get_all(List &list) {
      list.clear();
      for (auto count = one<uint64_t>(); count > 0; --count)
         list.push_back(one<typename List::value_type>());
   }

   // A text that stays until the process ends, as those of a module's tables do.
   static const char *keep(std::string text);

   std::string_view rest_;
};

// A whole message of one value, which comes from a process that may be out of its mind.
template <class T> result<T> decoded(std::string_view bytes) {
   try {
      return reader(bytes).one<T>();
   } catch (const malformed &nonsense) {
      return failed(problem::internal, nonsense.what());
   }
}

} // namespace giflab::workers
