#pragma once
// One step of a pipeline at work: an instance of its plugin, and its calls.

#include "engine/machine.hpp"
#include "engine/pipeline.hpp"
#include "media/limits.hpp"
#include "media/representations.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace giflab::engine {

// A picture on its way from step to step, and when it is on show. The same pixels may be on show again.
struct shown_picture {
   media::picture_pointer picture;
   int64_t start_us = 0, duration_us = 0;
};

// What every step of a run has in common.
struct step_conditions {
   machine *on = nullptr;
   int level = 2;
   media::colour background;
   int64_t most_pixels = media::limits{}.max_pixels; // of one picture
};

// Calls come from one thread, one at a time. Errors name the plugin and say what it said.
class step_run {
 public:
   // `source`: the clip that comes in. For an encoder from file to file it says nothing.
   static result<std::unique_ptr<step_run>> create(const pipeline_step &step, const giflab_clip &source,
                                                   const step_conditions &conditions);
   ~step_run();
   step_run(const step_run &) = delete;
   step_run &operator=(const step_run &) = delete;

   // The clip that comes out of a filter; of an encoder, the one that goes in.
   const giflab_clip &produced() const { return produced_; }

   // A filter: takes a picture, and adds to `out` what came of it. drain() comes last.
   result<void> filter(const shown_picture &in, std::vector<shown_picture> &out);
   result<void> drain(std::vector<shown_picture> &out);

   // An encoder of pictures: begin(), every picture, finish().
   result<void> begin();
   result<void> add(const shown_picture &in);
   result<void> finish(const std::string &target);

   // An encoder from file to file.
   result<void> transcode(const std::string &source, const std::string &target);

 private:
   struct seen_image;
   class sink;

   step_run(const pipeline_step &step, const giflab_clip &source, const step_conditions &conditions);

   const giflab_plugin &table() const { return step_.plugin->table; }
   result<void> make_instance();
   // `frame`: the picture that it is about; -1: none.
   result<void> call(const char *name, const std::function<giflab_status(const giflab_call *)> &entry,
                     int64_t frame = -1, services::stage noted_as = services::stage::plugin);
   result<void> apply(const giflab_image *image, const shown_picture *in, std::vector<shown_picture> &out);
   result<void> check_plan() const;
   result<void> check_times(const shown_picture &made);
   const giflab_image *show(const shown_picture &in);

   const pipeline_step &step_;
   step_conditions conditions_;
   giflab_clip source_, produced_;
   void *object_ = nullptr;
   bool made_ = false;
   int64_t index_ = 0;                            // of the next picture
   int64_t end_us_ = 0;                           // of the last picture that a filter put
   std::deque<std::unique_ptr<seen_image>> seen_; // the last one, and as many before it as it looks back at
};

} // namespace giflab::engine
