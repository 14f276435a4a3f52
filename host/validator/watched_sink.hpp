#pragma once
// Where a filter puts its pictures: canvases between pages that fault, and a record of what was done with them.

#include "validator/evaluation.hpp"

#include <giflab/plugin.h>

#include <memory>
#include <vector>

namespace giflab::validator {

// The sink of one filter call. Notes breaches of P01 and adds to `emitted`.
class watched_sink {
 public:
   // The call's own time is counted without what the sink does.
   watched_sink(test_host &host, watched_call &call, const giflab_clip &planned,
                std::vector<emitted_picture> &emitted);
   ~watched_sink();
   watched_sink(const watched_sink &) = delete;
   watched_sink &operator=(const watched_sink &) = delete;

   const giflab_sink *table() const { return &shown_.sink; }

 private:
   friend struct sink_functions;
   class canvas;
   // The table comes first in a standard-layout struct, so that the pointer a filter holds leads back here.
   struct sink_table {
      giflab_sink sink;
      watched_sink *self;
   };
   void add(const uint8_t *rows, std::size_t stride, int32_t width, int32_t height, int64_t start_us,
            int64_t duration_us, bool passed);

   sink_table shown_;
   test_host &host_;
   watched_call &call_;
   giflab_clip planned_;
   std::vector<emitted_picture> &emitted_;
   std::vector<std::unique_ptr<canvas>> canvases_;
};

} // namespace giflab::validator
