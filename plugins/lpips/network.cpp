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
// Of a band, which is what one thread takes at a time: products, or values of a maximum.
constexpr int64_t products_per_band = int64_t{1} << 21, values_per_band = int64_t{1} << 18;
// Tiles that are spread, summed and gathered together: few enough for the second cache.
constexpr int32_t tiles_at_a_time = 48;
// Reading four times as many weights pays where that many pixels in a row use them.
constexpr int32_t least_tiled_width = 8;

const giflab_tasks *tasks_of(const giflab_call &call) {
   return static_cast<const giflab_tasks *>(call.host->query(call.host, GIFLAB_TASKS));
}

// How many bodies for_each_task() may run at a time.
uint32_t lanes_of(const giflab_call &call) {
   const giflab_tasks *tasks = tasks_of(call);
   return tasks ? tasks->lanes(&call) : 1;
}

// Runs body(i, lane) for i in [0, count), on all the lanes that the host lends. Throws what stopped it.
template <class Body> void for_each_task(const giflab_call &call, int32_t count, Body &&body) {
   const giflab_tasks *tasks = tasks_of(call);
   if (!tasks || count == 1) {
      for (int32_t i = 0; i < count; ++i)
         body(i, 0u);
      return;
   }
   struct shared {
      const giflab_call &call;
      Body &body;
   } share = {call, body};
   const giflab_status status = tasks->run(
       &call, static_cast<uint32_t>(count),
       [](void *user, uint32_t i, uint32_t lane) noexcept {
          const auto &[of, run] = *static_cast<shared *>(user);
          return guarded(&of, [&] { run(static_cast<int32_t>(i), lane); });
       },
       &share);
   if (status != GIFLAB_OK)
      throw failure(status, "a part of the comparison failed");
}

// Rows of a band, of which each takes `work_per_row`.
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

// The walk of two pictures through the steps. The features of a step stand in one of two places in turn. Those
// that only a maximum or a 1x1 convolution reads, or nothing does, are the largest: they are made, compared and
// used strip by strip, while they are in a cache.
class network::comparison {
 public:
   comparison(const network &net, const giflab_call &call, int32_t width, int32_t height, arithmetic choice)
       : net_(net), call_(call), choice_(choice) {
      const needs room = room_for(net, width, height);
      for (size_t picture = 0; picture < 2; ++picture)
         for (size_t place = 0; place < room.floats.size(); ++place)
            places_[picture][place] = giflab::scratch<float>(call, room.floats[place]).data();
      tile_room_ = room.tile_floats;
      tiles_ = giflab::scratch<float>(call, tile_room_ * lanes_of(call)).data();
      row_sums_ = giflab::scratch<double>(call, room.rows);
      here_ = map_of_picture(net, width, height);
   }

   // Floats of each place and of one lane's tiles, and rows of the highest features that are compared.
   struct needs {
      std::array<size_t, 3> floats = {};
      size_t tile_floats = 0, rows = 0;
   };
   static needs room_for(const network &net, int32_t width, int32_t height) {
      feature_map map = map_of_picture(net, width, height);
      needs room;
      size_t turn = 0;
      room.floats[turn] = map.size();
      for (size_t i = 0; i < net.steps_.size(); ++i) {
         const step &now = net.steps_[i];
         const feature_map result = map_after(net, i, map);
         for (const convolution &layer : now.layers)
            if (is_in_tiles(layer, result.width)) {
               const int32_t tiles = tiles_across(result.width) * tiles_across(result.height);
               room.tile_floats =
                   std::max(room.tile_floats, tile_room(layer, std::min(tiles, tiles_at_a_time)));
            }
         map = result;
         if (now.shape.tapped)
            room.rows = std::max(room.rows, static_cast<size_t>(map.height));
         if (is_passing(net, i)) {
            const consumer next = consumer_of(net, i);
            feature_map strip = map;
            strip.height = std::min(map.height, rows_of_strip(map, next));
            room.floats[strip_place] = std::max(room.floats[strip_place], strip.size());
            if (++i == net.steps_.size())
               break;
            map = map_after(net, i, map);
         }
         turn = 1 - turn;
         room.floats[turn] = std::max(room.floats[turn], map.size());
      }
      return room;
   }

   distances run(const giflab_image &a, const giflab_image &b, share part) {
      fill(a, placed(here_, turn_)[0]);
      fill(b, placed(here_, turn_)[1]);
      distances found;
      size_t taps = 0;
      for (size_t i = 0; i < net_.steps_.size(); ++i) {
         const bool tapped = net_.steps_[i].shape.tapped;
         const feature_map made = map_after(net_, i, here_);
         if (is_passing(net_, i))
            take_in_strips(i++, made);
         else
            take(i, made);
         if (tapped)
            found.total += found.layers[taps++] = mean_of_rows(made);
         const double done = static_cast<double>(i + 1) / static_cast<double>(net_.steps_.size());
         call_.progress(&call_, part.begin + (part.end - part.begin) * std::min(1.0, done));
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

   // The width alone decides, so that all strips of a picture are made alike.
   static bool is_in_tiles(const convolution &layer, int32_t width) {
      return suits_tiles(layer) && width >= least_tiled_width;
   }

   // How the step behind a convolution walks over its rows.
   struct consumer {
      int32_t window = 1, stride = 1;
   };
   // Whether the features of step `i` are made strip by strip.
   static bool is_passing(const network &net, size_t i) {
      if (net.steps_[i].shape.is_pool())
         return false;
      if (i + 1 == net.steps_.size())
         return true;
      const stage &next = net.steps_[i + 1].shape;
      return next.is_pool() || (next.first.kernel == 1 && !next.second.name && !next.tapped);
   }
   static consumer consumer_of(const network &net, size_t i) {
      if (i + 1 == net.steps_.size() || !net.steps_[i + 1].shape.is_pool())
         return {};
      return {net.steps_[i + 1].shape.window, net.steps_[i + 1].shape.stride};
   }
   // Rows of such features that are made at a time: whole tiles.
   static int32_t rows_at_a_time(const feature_map &features) {
      const auto rows = static_cast<int32_t>(floats_per_strip / features.pitch() / tile_extent * tile_extent);
      return std::max(rows, rows_of_tiles(features.width));
   }
   // Rows that as many tiles as are taken together fill.
   static int32_t rows_of_tiles(int32_t width) {
      return std::max(1, tiles_at_a_time / tiles_across(width)) * tile_extent;
   }
   // And such as the consumer sees again.
   static int32_t rows_of_strip(const feature_map &features, const consumer &next) {
      return rows_at_a_time(features) + next.window - 1;
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
      for (feature_map &map : maps) {
         map.data += static_cast<size_t>(y) * map.pitch();
         map.height -= y;
      }
      return maps;
   }

   // The picture's bytes as the first layer takes them.
   void fill(const giflab_image &image, const feature_map &map) const {
      const auto bytes = kernels::plane_of<uint8_t>(image, GIFLAB_RGB8);
      clear_border(map);
      kernels::for_each_band(call_, map.width, map.height, 1 << 17, [&](int32_t first, int32_t count) {
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

   // Takes step `i`, which makes such maps, and the step behind it where there is one.
   void take_in_strips(size_t i, const feature_map &made) {
      const bool last_step = i + 1 == net_.steps_.size();
      const two_maps from = placed(here_, turn_);
      const feature_map next = last_step ? made : map_after(net_, i + 1, made);
      const two_maps to = placed(next, 1 - turn_);
      if (!last_step)
         for (const feature_map &map : to)
            clear_border(map);
      const consumer way = consumer_of(net_, i);
      two_maps strip = placed(made, strip_place);
      for (int32_t top = 0, done = 0, first = 0; first < next.height;) { // row `top` is the strip's first
         const int32_t end = std::min(done + rows_at_a_time(made), made.height),
                       kept = done - first * way.stride;
         for (feature_map &map : strip) {
            std::copy_n(map.at(0, done - kept - top), static_cast<size_t>(kept) * map.pitch(), map.data);
            map.height = end - done + kept;
         }
         top = done - kept;
         make_rows(net_.steps_[i], from_row(from, top * net_.steps_[i].shape.stride), strip, {kept, end - top},
                   top);
         const int32_t last = end == made.height ? next.height : (end - way.window) / way.stride + 1;
         if (!last_step)
            make_rows(net_.steps_[i + 1], strip, from_row(to, first), {0, last - first}, first);
         first = last;
         done = end;
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
      const int32_t rows = band_of(now, to[0]);
      for_each_task(call_, (range.end - range.first + rows - 1) / rows, [&](int32_t band, uint32_t lane) {
         const int32_t first = range.first + band * rows;
         const row_range part = {first, std::min(first + rows, range.end)};
         for (size_t picture = 0; picture < 2; ++picture)
            make_band(now, from[picture], to[picture], part, lane);
         if (now.shape.tapped)
            for (int32_t y = part.first; y < part.end; ++y)
               row_sums_[static_cast<size_t>(begin + y)] = compare_row(to[0], to[1], y, now.head, choice_);
      });
   }
   int32_t band_of(const step &now, const feature_map &to) const {
      const int64_t width = to.width;
      if (now.shape.is_pool())
         return rows_per_band(width * to.channels, values_per_band);
      for (const convolution &layer : now.layers)
         if (choice_ == arithmetic::vector && is_in_tiles(layer, to.width))
            return rows_of_tiles(to.width);
      return rows_per_band(width * now.layers[0].products(), products_per_band);
   }

   void make_band(const step &now, const feature_map &from, const feature_map &to, row_range part,
                  uint32_t lane) const {
      if (now.shape.is_pool()) {
         for (int32_t y = part.first; y < part.end; ++y) {
            stop_if_cancelled(call_);
            take_maxima(from, to, now.shape.window, now.shape.stride, y, choice_);
         }
         return;
      }
      int32_t first_channel = 0;
      for (size_t i = 0; i < static_cast<size_t>(now.layer_count); ++i) {
         const convolution &layer = now.layers[i];
         if (choice_ == arithmetic::vector && is_in_tiles(layer, to.width))
            make_tiles(layer, from, to, first_channel, part, lane);
         else
            for (int32_t y = part.first; y < part.end; ++y)
               make_row(layer, from, to, first_channel, y);
         first_channel += layer.out;
      }
   }
   void make_row(const convolution &layer, const feature_map &from, const feature_map &to,
                 int32_t first_channel, int32_t y) const {
      const auto piece = static_cast<int32_t>(
          std::clamp<int64_t>(products_per_piece(choice_) / layer.products(), 1, to.width));
      for (int32_t x = 0; x < to.width; x += piece) {
         stop_if_cancelled(call_);
         convolve(layer, from, to, first_channel, {y, x, std::min(piece, to.width - x)}, choice_);
      }
   }
   void make_tiles(const convolution &layer, const feature_map &from, const feature_map &to,
                   int32_t first_channel, row_range part, uint32_t lane) const {
      const int32_t down = (part.end - part.first + tile_extent - 1) / tile_extent;
      const int32_t tiles = tiles_across(to.width) * down;
      const int32_t pieces = (tiles + tiles_at_a_time - 1) / tiles_at_a_time;
      for (int32_t piece = 0; piece < pieces; ++piece) {
         const int32_t first = tiles * piece / pieces, end = tiles * (piece + 1) / pieces;
         const tile_run run = {part.first, part.end, first, end - first};
         float *room = tiles_ + lane * tile_room_;
         spread_tiles(layer, from, to.width, run, room);
         for (int32_t block = 0; block < layer.out; block += static_cast<int32_t>(channels_per_block)) {
            stop_if_cancelled(call_);
            convolve_tiles(layer, to, first_channel, block, run, room);
         }
      }
   }

   // Of the features that were compared last; the rows are added in one order, whoever made them.
   double mean_of_rows(const feature_map &of) const {
      double sum = 0;
      for (int32_t y = 0; y < of.height; ++y)
         sum += row_sums_[static_cast<size_t>(y)];
      return sum / (static_cast<double>(of.width) * of.height);
   }

   static constexpr size_t floats_per_strip = size_t{1} << 16;
   static_assert(floats_per_strip < INT32_MAX);
   static constexpr size_t strip_place = 2;

   const network &net_;
   const giflab_call &call_;
   const arithmetic choice_;
   std::array<std::array<float *, 3>, 2> places_ = {}; // [picture][turn or strip_place]
   float *tiles_ = nullptr;                            // tile_room_ for each lane
   size_t tile_room_ = 0;
   std::span<double> row_sums_;
   feature_map here_; // of the step taken last, without its place
   size_t turn_ = 0;
};

distances network::compare(const giflab_call &call, const giflab_image &a, const giflab_image &b,
                           arithmetic choice, share part) const {
   return comparison(*this, call, a.width, a.height, choice).run(a, b, part);
}

size_t network::scratch_bytes(int32_t width, int32_t height) const {
   const auto room = comparison::room_for(*this, width, height);
   return 2 * (room.floats[0] + room.floats[1] + room.floats[2]) * sizeof(float) +
          room.tile_floats * sizeof(float) + room.rows * sizeof(double);
}

} // namespace giflab::lpips
