#pragma once
// C++20 sugar over plugin.h: rows of planes, typed parameters, scratch as spans, an instance as a class,
// exceptions turned into status and sentence at the boundary. Never needed, header only, nothing hidden:
// each helper is a few lines over the C tables, and a plugin may mix both.
//
//    struct blur_difference {
//       explicit blur_difference(const giflab_setup &setup);            // may throw
//       void measure(const giflab_call &call, std::span<const giflab_pair> pairs);
//    };
//    ... .metric = &giflab::frame_metric<blur_difference>, .create = giflab::create<blur_difference>,
//        .destroy = giflab::destroy<blur_difference>, ...

#include "plugin.h"

#include <cstring>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <utility>

namespace giflab {

// Thrown by a plugin's own code; becomes call->fail(status, text). GIFLAB_CANCELLED carries no text.
class failure : public std::exception {
 public:
   failure(giflab_status status, std::string text) : status_(status), text_(std::move(text)) {}
   giflab_status status() const noexcept { return status_; }
   const char   *what() const noexcept override { return text_.c_str(); }

 private:
   giflab_status status_;
   std::string   text_;
};

// Throws failure(GIFLAB_CANCELLED) once the run is being cancelled; call it every 10 ms of work or less.
inline void stop_if_cancelled(const giflab_call &call) {
   if (call.cancelled(&call))
      throw failure(GIFLAB_CANCELLED, {});
}

// `count` objects of arena memory, 64-byte aligned, uninitialised, gone when the call returns. T must need
// neither constructor nor destructor. Throws failure(GIFLAB_NO_MEMORY).
template <class T> std::span<T> scratch(const giflab_call &call, size_t count) {
   static_assert(std::is_trivially_default_constructible_v<T> && std::is_trivially_destructible_v<T>);
   void *memory =
       count <= SIZE_MAX / sizeof(T) ? call.scratch(&call, GIFLAB_MEMORY_HOST, count * sizeof(T)) : nullptr;
   if (!memory)
      throw failure(GIFLAB_NO_MEMORY, "no scratch memory");
   return {static_cast<T *>(memory), count};
}

// Row `y` of a plane in host memory.
template <class T> const T *row(const giflab_plane &plane, int32_t y) {
   return reinterpret_cast<const T *>(static_cast<const char *>(plane.data) +
                                      static_cast<size_t>(y) * plane.stride);
}

// Plane `plane` of an image in a representation that the plugin declared in .inputs.
inline const giflab_plane &plane(const giflab_image &image, uint32_t representation, uint32_t plane = 0) {
   return image.views[representation]->planes[plane];
}

// The pairs of palette indices of a pair of pictures; none where the host did not count.
inline std::span<const giflab_index_pair> index_pairs(const giflab_pair &pair) {
   return {pair.distorted->index_pairs, static_cast<size_t>(pair.distorted->index_pair_count)};
}

// ---- Parameters: rows for giflab_plugin.params, and their values by name.

inline constexpr giflab_param real_parameter(const char *id, const char *help, const char *unit, double lowest,
                                             double highest, double initial, uint32_t flags = 0) {
   return {id, help, unit, GIFLAB_REAL, flags, lowest, highest, initial, nullptr, nullptr};
}
inline constexpr giflab_param integer_parameter(const char *id, const char *help, const char *unit,
                                                double lowest, double highest, double initial,
                                                uint32_t flags = 0) {
   return {id, help, unit, GIFLAB_INT, flags, lowest, highest, initial, nullptr, nullptr};
}
inline constexpr giflab_param bool_parameter(const char *id, const char *help, bool initial,
                                             uint32_t flags = 0) {
   return {id, help, nullptr, GIFLAB_BOOL, flags, 0, 1, initial ? 1.0 : 0.0, nullptr, nullptr};
}
// `choices` ends with NULL; `initial` is an index into it.
template <size_t N>
constexpr giflab_param choice_parameter(const char *id, const char *help, const char *const (&choices)[N],
                                        size_t initial, uint32_t flags = 0) {
   return {id, help, nullptr, GIFLAB_CHOICE, flags, 0, N - 2.0, static_cast<double>(initial), choices, nullptr};
}
inline constexpr giflab_param text_parameter(const char *id, const char *help, const char *initial,
                                             uint32_t flags = 0) {
   return {id, help, nullptr, GIFLAB_TEXT, flags, 0, 0, 0, nullptr, initial};
}

// The values of one instance, checked and defaulted by the host. A name that the table lacks, or a reader
// of another kind, is a mistake of the author's: failure(GIFLAB_INTERNAL).
class parameters {
 public:
   parameters(std::span<const giflab_param> table, const giflab_setup &setup)
       : table_(table), values_(setup.values) {}

   double      real(const char *id) const { return of(id, GIFLAB_REAL).number; }
   int64_t     integer(const char *id) const { return static_cast<int64_t>(of(id, GIFLAB_INT).number); }
   bool        boolean(const char *id) const { return of(id, GIFLAB_BOOL).number != 0; }
   size_t      choice(const char *id) const { return static_cast<size_t>(of(id, GIFLAB_CHOICE).number); }
   const char *text(const char *id) const { return of(id, GIFLAB_TEXT).text; }

 private:
   const giflab_value &of(const char *id, uint32_t kind) const {
      for (size_t i = 0; i < table_.size(); ++i)
         if (std::strcmp(table_[i].id, id) == 0 && table_[i].kind == kind)
            return values_[i];
      throw failure(GIFLAB_INTERNAL, std::string("no parameter '") + id + "' of that kind");
   }

   std::span<const giflab_param> table_;
   const giflab_value           *values_;
};

// ---- Outputs

// Whether an output, `index` in its plugin's table, is to be scored for pictures of this size: somebody will
// look at it, and they are not too small for it.
inline bool is_wanted(const giflab_setup &setup, const giflab_output &output, uint32_t index) {
   const auto side = static_cast<int32_t>(output.least_side);
   return setup.clip.width >= side && setup.clip.height >= side && (!setup.wanted || setup.wanted[index]);
}

// ---- An instance as a class. T is made from (const giflab_setup &) or (const giflab_call &, const
// giflab_setup &).

// Runs `body`; what it throws becomes a status and a sentence.
template <class Body> giflab_status guarded(const giflab_call *call, Body &&body) noexcept {
   try {
      std::forward<Body>(body)();
      return GIFLAB_OK;
   } catch (const failure &error) {
      return error.status() == GIFLAB_CANCELLED ? GIFLAB_CANCELLED
                                                : call->fail(call, error.status(), error.what());
   } catch (const std::bad_alloc &) {
      return call->fail(call, GIFLAB_NO_MEMORY, "out of memory");
   } catch (const std::exception &error) {
      return call->fail(call, GIFLAB_INTERNAL, error.what());
   } catch (...) {
      return call->fail(call, GIFLAB_INTERNAL, "threw something that is no std::exception");
   }
}

template <class T>
giflab_status create(const giflab_call *call, const giflab_setup *setup, void **instance) noexcept {
   return guarded(call, [&] {
      if constexpr (std::is_constructible_v<T, const giflab_call &, const giflab_setup &>)
         *instance = new T(*call, *setup);
      else
         *instance = new T(*setup);
   });
}

template <class T> void destroy(void *instance) noexcept { delete static_cast<T *>(instance); }

template <class T>
giflab_status measure(void *instance, const giflab_call *call, const giflab_pair *pairs,
                      uint32_t count) noexcept {
   return guarded(call, [&] { static_cast<T *>(instance)->measure(*call, std::span(pairs, count)); });
}

template <class T>
giflab_status begin(void *instance, const giflab_call *call, const giflab_clip *clip) noexcept {
   return guarded(call, [&] { static_cast<T *>(instance)->begin(*call, *clip); });
}

template <class T> giflab_status finish(void *instance, const giflab_call *call) noexcept {
   return guarded(call, [&] { static_cast<T *>(instance)->finish(*call); });
}

template <class T>
giflab_status inspect(void *instance, const giflab_call *call, const giflab_comparison *comparison) noexcept {
   return guarded(call, [&] { static_cast<T *>(instance)->inspect(*call, *comparison); });
}

// The callbacks of a metric of each scope, from T's member functions of the same names.
template <class T>
inline constexpr giflab_metric frame_metric = {
    .measure = measure<T>, .begin = nullptr, .finish = nullptr, .inspect = nullptr};
template <class T>
inline constexpr giflab_metric clip_metric = {
    .measure = measure<T>, .begin = begin<T>, .finish = finish<T>, .inspect = nullptr};
template <class T>
inline constexpr giflab_metric file_metric = {
    .measure = nullptr, .begin = nullptr, .finish = nullptr, .inspect = inspect<T>};

} // namespace giflab
