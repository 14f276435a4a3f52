#include "network.hpp"

#include <algorithm>
#include <giflab_kernels/images.hpp>

namespace giflab::lpips {

namespace {

constexpr int32_t colours = 3;
// The trunks' idea of an average picture, in the units of -1 to 1.
constexpr float shift[colours] = {-0.030f, -0.088f, -0.188f}, scale[colours] = {0.458f, 0.448f, 0.450f};

// Products between two looks for cancellation: some 3 ms of either code.
constexpr int64_t products_per_piece(arithmetic choice) {
   return choice == arithmetic::scalar ? int64_t{1} << 21 : int64_t{1} << 26;
}
// Products of a band, which is what one thread takes at a time.
constexpr int64_t products_per_band = int64_t{1} << 21;
// Values of a maximum or a comparison in one piece.
constexpr int64_t values_per_piece = int64_t{1} << 18;

// Runs body(i) for i in [0, count), on all the lanes that the host lends. Throws what stopped it.
template <class Body> void for_each_task(const giflab_call &call, int32_t count, Body &&body) {
   const auto *tasks = static_cast<const giflab_tasks *>(call.host->query(call.host, GIFLAB_TASKS));
   if (!tasks) {
      for (int32_t i = 0; i < count; ++i)
         body(i);
      return;
   }
   struct shared {
      const giflab_call &call;
      Body &body;
   } share = {call, body};
   const giflab_status status = tasks->run(
       &call, static_cast<uint32_t>(count),
       [](void *user, uint32_t i, uint32_t) noexcept {
          const auto &[of, run] = *static_cast<shared *>(user);
          return guarded(&of, [&] { run(static_cast<int32_t>(i)); });
       },
       &share);
   if (status != GIFLAB_OK)
      throw failure(status, "a part of the comparison failed");
}

// Bands of `rows` rows each, of which one takes about `work_per_row * rows` <= `most`.
int32_t rows_per_band(int64_t work_per_row, int64_t most) {
   return static_cast<int32_t>(std::clamp<int64_t>(most / std::max<int64_t>(work_per_row, 1), 1, 16));
}

} // namespace

// ---- Making one

network::network(const trunk &shape, const weight_source &weights) {
   int32_t channels = colours;
   for (const stage &one : shape.stages) {
      step made = {.shape = one, .layers = {}, .head = {}};
      if (!one.is_pool())
         made.layers[static_cast<size_t>(made.layer_count++)] =
             make_layer(one.first, one.stride, channels, weights);
      if (one.second.name)
         made.layers[static_cast<size_t>(made.layer_count++)] =
             make_layer(one.second, one.stride, channels, weights);
      channels = one.channels(channels);
      steps_.push_back(made);
   }
   int64_t tap = 0;
   channels = colours;
   for (step &one : steps_) {
      channels = one.shape.channels(channels);
      if (one.shape.tapped)
         one.head = weights("lin" + std::to_string(tap++) + ".model.1.weight",
                            std::array<int64_t, 4>{1, channels, 1, 1});
   }
   pack_layers();
   for (size_t c = 0; c < colours; ++c)
      for (size_t byte = 0; byte < 256; ++byte)
         levels_[c][byte] = (static_cast<float>(byte) / 127.5f - 1 - shift[c]) / scale[c];
}

convolution network::make_layer(const convolution_shape &shape, int32_t stride, int32_t channels,
                                const weight_source &weights) {
   convolution made;
   made.in = channels;
   made.out = shape.channels;
   made.kernel = shape.kernel;
   made.stride = stride;
   made.padding = shape.padding;
   const std::string name = shape.name;
   made.weights =
       weights(name + ".weight", std::array<int64_t, 4>{shape.channels, channels, shape.kernel, shape.kernel});
   made.bias = weights(name + ".bias", std::array<int64_t, 1>{shape.channels});
   return made;
}

void network::pack_layers() {
   size_t size = 0;
   for (const step &one : steps_)
      for (const convolution &layer : one.layers)
         size += layer.weights.size();
   packed_.reset(new float[size]);
   float *to = packed_.get();
   for (step &one : steps_)
      for (convolution &layer : one.layers) {
         const std::span<float> room(to, layer.weights.size());
         pack(layer, room);
         layer.packed = room;
         to += room.size();
      }
}

// ---- Comparing

// The walk of two pictures through the steps. The features of a step stand in one of two places in turn; those
// that only a maximum reads, which are the largest, are made and used strip by strip.
class network::comparison {
 public:
   comparison(const network &net, const giflab_call &call, int32_t width, int32_t height, arithmetic choice)
       : net_(net), call_(call), choice_(choice) {
      const needs room = room_for(net, width, height);
      for (size_t picture = 0; picture < 2; ++picture)
         for (size_t place = 0; place < room.floats.size(); ++place)
            places_[picture][place] = giflab::scratch<float>(call, room.floats[place]).data();
      row_sums_ = giflab::scratch<double>(call, room.rows);
      here_ = map_of_picture(net, width, height);
   }

   // Floats of each place, and rows of the highest features that are compared.
   struct needs {
      std::array<size_t, 3> floats = {};
      size_t rows = 0;
   };
   static needs room_for(const network &net, int32_t width, int32_t height) {
      feature_map map = map_of_picture(net, width, height);
      needs room;
      size_t turn = 0;
      room.floats[turn] = map.size();
      for (size_t i = 0; i < net.steps_.size(); ++i) {
         map = map_after(net, i, map);
         if (net.steps_[i].shape.tapped)
            room.rows = std::max(room.rows, static_cast<size_t>(map.height));
         if (feeds_maximum(net, i)) {
            feature_map strip = map;
            strip.height = std::min(map.height, rows_of_strip(net.steps_[i + 1].shape));
            room.floats[strip_place] = std::max(room.floats[strip_place], strip.size());
            map = map_after(net, ++i, map);
         }
         turn = 1 - turn;
         room.floats[turn] = std::max(room.floats[turn], map.size());
      }
      return room;
   }

   distances run(const giflab_image &a, const giflab_image &b) {
      fill(a, placed(here_, turn_)[0]);
      fill(b, placed(here_, turn_)[1]);
      distances found;
      size_t taps = 0;
      for (size_t i = 0; i < net_.steps_.size(); ++i) {
         const bool tapped = net_.steps_[i].shape.tapped;
         const feature_map made = map_after(net_, i, here_);
         if (feeds_maximum(net_, i))
            take_in_strips(i++, made);
         else
            take(i, made);
         if (tapped)
            found.total += found.layers[taps++] = mean_of_rows(made);
         call_.progress(&call_, static_cast<double>(i + 1) / static_cast<double>(net_.steps_.size()));
      }
      return found;
   }

 private:
   static feature_map map_of_picture(const network &net, int32_t width, int32_t height) {
      return {nullptr, width, height, colours, net.steps_[0].shape.padding()};
   }
   // What step `i` makes of such a map, with the border that the step behind it asks for.
   static feature_map map_after(const network &net, size_t i, const feature_map &before) {
      const stage &shape = net.steps_[i].shape;
      const bool last = i + 1 == net.steps_.size();
      return {nullptr, shape.extent(before.width), shape.extent(before.height), shape.channels(before.channels),
              last ? 0 : net.steps_[i + 1].shape.padding()};
   }

   static bool feeds_maximum(const network &net, size_t i) {
      return i + 1 < net.steps_.size() && !net.steps_[i].shape.is_pool() && net.steps_[i + 1].shape.is_pool();
   }
   // Of the features that a strip of maxima reads, and such as no window reaches at the lower edge.
   static int32_t rows_of_strip(const stage &maximum) {
      return (maxima_per_strip - 1) * maximum.stride + maximum.window + maximum.stride - 1;
   }

   using two_maps = std::array<feature_map, 2>; // of the two pictures
   two_maps placed(feature_map map, size_t place) const {
      two_maps maps = {map, map};
      for (size_t picture = 0; picture < 2; ++picture)
         maps[picture].data = places_[picture][place];
      return maps;
   }
   // The same maps from row `y` on.
   static two_maps from_row(two_maps maps, int32_t y) {
      for (feature_map &map : maps)
         map.data += static_cast<size_t>(y) * map.pitch();
      return maps;
   }

   // The picture's bytes as the first layer takes them.
   void fill(const giflab_image &image, const feature_map &map) const {
      const auto bytes = kernels::plane_of<uint8_t>(image, GIFLAB_RGB8);
      clear_border(map);
      kernels::for_each_band(call_, map.width, map.height, 1 << 20, [&](int32_t first, int32_t count) {
         for (int32_t y = first; y < first + count; ++y) {
            const uint8_t *from = bytes.row(y);
            float *to = map.at(0, y);
            for (int32_t x = 0; x < map.width; ++x, from += colours, to += colours)
               for (size_t c = 0; c < colours; ++c)
                  to[c] = net_.levels_[c][from[c]];
         }
      });
   }

   void take(size_t i, const feature_map &made) {
      const two_maps to = placed(made, 1 - turn_);
      for (const feature_map &map : to)
         clear_border(map);
      make_rows(net_.steps_[i], placed(here_, turn_), to, {0, made.height}, 0);
      here_ = made;
      turn_ = 1 - turn_;
   }

   // Takes step `i`, which makes such maps, and the maximum behind it.
   void take_in_strips(size_t i, const feature_map &made) {
      const step &now = net_.steps_[i], &maximum = net_.steps_[i + 1];
      const feature_map next = map_after(net_, i + 1, made);
      const two_maps from = placed(here_, turn_), to = placed(next, 1 - turn_);
      for (const feature_map &map : to)
         clear_border(map);
      const int32_t stride = maximum.shape.stride, overlap = maximum.shape.window - stride;
      two_maps strip = placed(made, strip_place);
      for (int32_t first = 0; first < next.height; first += maxima_per_strip) {
         const int32_t count = std::min(maxima_per_strip, next.height - first), begin = first * stride;
         const bool last = first + count == next.height;
         const int32_t known = first == 0 ? 0 : overlap;
         for (feature_map &map : strip) {
            std::copy_n(map.at(0, first == 0 ? 0 : maxima_per_strip * stride),
                        static_cast<size_t>(known) * map.pitch(), map.data);
            map.height = last ? made.height - begin : count * stride + overlap;
         }
         make_rows(now, from_row(from, begin * now.shape.stride), strip, {known, strip[0].height}, begin);
         make_rows(maximum, strip, from_row(to, first), {0, count}, first);
      }
      here_ = next;
      turn_ = 1 - turn_;
   }

   struct row_range {
      int32_t first, end;
   };
   // Makes rows for both pictures, band by band, and compares each row while it is at hand. Row 0 of `to` is
   // row `begin` of the features.
   void make_rows(const step &now, const two_maps &from, const two_maps &to, row_range range, int32_t begin) {
      const int64_t width = to[0].width;
      const int32_t rows = now.shape.is_pool()
                               ? rows_per_band(width * to[0].channels, values_per_piece)
                               : rows_per_band(width * now.layers[0].products(), products_per_band);
      for_each_task(call_, (range.end - range.first + rows - 1) / rows, [&](int32_t band) {
         const int32_t first = range.first + band * rows;
         for (int32_t y = first; y < std::min(first + rows, range.end); ++y) {
            for (size_t picture = 0; picture < 2; ++picture)
               make_row(now, from[picture], to[picture], y);
            if (now.shape.tapped)
               row_sums_[static_cast<size_t>(begin + y)] = compare_row(to[0], to[1], y, now.head, choice_);
         }
      });
   }

   void make_row(const step &now, const feature_map &from, const feature_map &to, int32_t y) const {
      if (now.shape.is_pool()) {
         stop_if_cancelled(call_);
         take_maxima(from, to, now.shape.window, now.shape.stride, y, choice_);
         return;
      }
      int32_t first_channel = 0;
      for (size_t i = 0; i < static_cast<size_t>(now.layer_count); ++i) {
         const convolution &layer = now.layers[i];
         const auto piece = static_cast<int32_t>(
             std::clamp<int64_t>(products_per_piece(choice_) / layer.products(), 1, to.width));
         for (int32_t x = 0; x < to.width; x += piece) {
            stop_if_cancelled(call_);
            convolve(layer, from, to, first_channel, {y, x, std::min(piece, to.width - x)}, choice_);
         }
         first_channel += layer.out;
      }
   }

   // Of the features that were compared last; the rows are added in one order, whoever made them.
   double mean_of_rows(const feature_map &of) const {
      double sum = 0;
      for (int32_t y = 0; y < of.height; ++y)
         sum += row_sums_[static_cast<size_t>(y)];
      return sum / (static_cast<double>(of.width) * of.height);
   }

   static constexpr int32_t maxima_per_strip = 8; // rows
   static constexpr size_t strip_place = 2;

   const network &net_;
   const giflab_call &call_;
   const arithmetic choice_;
   std::array<std::array<float *, 3>, 2> places_ = {}; // [picture][turn or strip_place]
   std::span<double> row_sums_;
   feature_map here_; // of the step taken last, without its place
   size_t turn_ = 0;
};

distances network::compare(const giflab_call &call, const giflab_image &a, const giflab_image &b,
                           arithmetic choice) const {
   return comparison(*this, call, a.width, a.height, choice).run(a, b);
}

size_t network::scratch_bytes(int32_t width, int32_t height) const {
   const auto room = comparison::room_for(*this, width, height);
   return 2 * (room.floats[0] + room.floats[1] + room.floats[2]) * sizeof(float) + room.rows * sizeof(double);
}

} // namespace giflab::lpips
