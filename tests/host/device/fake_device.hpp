#pragma once
// A device made of host memory: everything that a device does, done at once, and counted.

#include "device/device.hpp"
#include "media/colour_math.hpp"

#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

namespace giflab::tests {

// Outlives the device, so that a test can look at it afterwards.
struct fake_counts {
   std::atomic<int64_t> blocks{0}; // allocated and not released
   std::atomic<int64_t> uploads{0}, uploaded_bytes{0}, copies{0}, conversions{0}, lanes{0}, calls{0};
   std::atomic<int64_t> calls_left{INT64_MAX}; // until a fault that stays
   std::atomic<bool> lost{false};
};

class fake_moment final : public device::moment {};

class fake_lane final : public device::lane {
 public:
   explicit fake_lane(fake_counts &counts) : counts_(counts) { ++counts_.lanes; }

   void *context() const override { return const_cast<fake_lane *>(this); }
   void *stream() const override { return const_cast<fake_lane *>(this); }
   int32_t ordinal() const override { return 0; }
   void *scratch(std::size_t bytes) noexcept override {
      if (bytes > std::size_t{1} << 30)
         return nullptr;
      std::lock_guard lock(mutex_);
      return scratch_.emplace_back(bytes).data();
   }
   void enter() override {}
   result<void> wait_for(const device::moment &) override { return {}; }
   result<void> leave() override {
      scratch_.clear();
      ++counts_.calls;
      if (counts_.calls_left.fetch_sub(1) > 0)
         return {};
      counts_.lost = true;
      return failed(problem::internal, "fake:0 was pulled out");
   }

 private:
   fake_counts &counts_;
   std::mutex mutex_;
   std::vector<std::vector<std::byte>> scratch_;
};

class fake_device final : public device::device {
 public:
   explicit fake_device(fake_counts &counts) : counts_(counts) {
      std::ranges::copy(media::scaled_values(), tables_.scaled);
      std::ranges::copy(media::linear_values(), tables_.linear);
      std::ranges::copy(media::exact_linear_values(), tables_.exact_linear);
   }

   const std::string &name() const override { return name_; }
   result<std::unique_ptr<giflab::device::lane>> open_lane() override {
      return std::make_unique<fake_lane>(counts_);
   }
   void *allocate(std::size_t bytes) noexcept override {
      ++counts_.blocks;
      void *memory = ::operator new (bytes, std::align_val_t{256});
      std::memset(memory, 0xA5, bytes);
      return memory;
   }
   void release(void *memory) noexcept override {
      --counts_.blocks;
      ::operator delete (memory, std::align_val_t{256});
   }
   result<void> upload(const giflab::device::transfer &rows) override {
      ++counts_.uploads;
      counts_.uploaded_bytes += static_cast<int64_t>(rows.row_bytes * rows.rows);
      for (std::size_t y = 0; y < rows.rows; ++y)
         std::memcpy(static_cast<std::byte *>(rows.to) + y * rows.to_stride,
                     static_cast<const std::byte *>(rows.from) + y * rows.from_stride, rows.row_bytes);
      return {};
   }
   result<void> copy(void *to, const void *from, std::size_t bytes) override {
      ++counts_.copies;
      std::memcpy(to, from, bytes);
      return {};
   }
   result<void> expand(const uint8_t *indices, const media::palette_tables *tables,
                       const giflab::device::wanted_planes &to) override {
      ++counts_.conversions;
      for (int32_t y = 0; y < to.height; ++y)
         for (int32_t x = 0; x < to.width; x += 4)
            giflab::device::expand_four(indices, *tables, to, x, y);
      return {};
   }
   result<void> convert(const uint32_t *rgba, const giflab::device::background_bytes &under,
                        const giflab::device::wanted_planes &to) override {
      ++counts_.conversions;
      const volatile double bias = media::xyb_bias; // as a kernel gets it: at run time
      const double given = bias;
      for (int32_t y = 0; y < to.height; ++y)
         for (int32_t x = 0; x < to.width; ++x)
            giflab::device::convert_one(rgba, tables_, under, to, given, std::cbrt(given), x, y);
      return {};
   }
   result<std::unique_ptr<giflab::device::moment>> mark() override { return std::make_unique<fake_moment>(); }
   bool lost() const override { return counts_.lost; }

 private:
   std::string name_ = "fake:0";
   fake_counts &counts_;
   giflab::device::byte_tables tables_;
};

} // namespace giflab::tests
