#pragma once
// A device as the rest of the host sees it. Nothing here needs CUDA: open() has two bodies, of which the
// build takes one, and tests bring a device of their own.

#include "device/conversions.hpp"
#include "error.hpp"

#include <memory>
#include <string>

namespace giflab::device {

constexpr std::size_t plane_alignment = 256; // what CUDA's allocations give, and the ABI promises

// A point in the device's work on pictures: what was asked for before it is done once it is reached.
class moment {
 public:
   virtual ~moment() = default;
};

// One call's way to the device: a stream of its own, and scratch memory on it. Used by one thread at a time,
// but for scratch().
class lane {
 public:
   virtual ~lane() = default;

   // As giflab.cuda/1 gives them: a CUcontext, a CUstream, and the device's number as CUDA counts.
   virtual void *context() const = 0;
   virtual void *stream() const = 0;
   virtual int32_t ordinal() const = 0;

   // 256-byte aligned, uninitialised; null when there is none. Gone with leave(). Any thread.
   virtual void *scratch(std::size_t bytes) noexcept = 0;

   // Makes the device's context current on the calling thread, where it stays.
   virtual void enter() = 0;

   // What the stream does from now on comes after `reached`.
   virtual result<void> wait_for(const moment &reached) = 0;

   // Waits for everything on the stream and takes scratch memory back. An error is what went wrong there.
   virtual result<void> leave() = 0;
};

// Rows from host memory to the device.
struct transfer {
   void *to;
   std::size_t to_stride;
   const void *from;
   std::size_t from_stride;
   std::size_t row_bytes, rows;
   bool spills; // what lies between the target's rows may be overwritten, which makes one long copy of many
};

// Thread-safe. Memory for pictures, and all work on them, is in the order of one stream: memory that was
// released is not used again before what was queued on it is done.
class device {
 public:
   virtual ~device() = default;

   virtual const std::string &name() const = 0; // "cuda:0"

   virtual result<std::unique_ptr<lane>> open_lane() = 0;

   // 256-byte aligned, uninitialised; null when there is none.
   virtual void *allocate(std::size_t bytes) noexcept = 0;
   virtual void release(void *memory) noexcept = 0;

   // Returns when `rows.from` may change; the rows arrive later, in order.
   virtual result<void> upload(const transfer &rows) = 0;
   // From device to device.
   virtual result<void> copy(void *to, const void *from, std::size_t bytes) = 0;
   virtual result<void> expand(const uint8_t *indices, const media::palette_tables *tables,
                               const wanted_planes &to) = 0;
   virtual result<void> convert(const uint32_t *rgba, const background_bytes &under,
                                const wanted_planes &to) = 0;
   virtual result<std::unique_ptr<moment>> mark() = 0;

   // True after a fault that stays: nothing of this process will run on it again.
   virtual bool lost() const = 0;
};

// Was this giflab built with CUDA?
bool built_with_cuda();

// Makes the context of a device, which takes some tenths of a second. Errors say what is missing.
result<std::unique_ptr<device>> open(int32_t ordinal);

} // namespace giflab::device
