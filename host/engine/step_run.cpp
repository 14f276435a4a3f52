#include "engine/step_run.hpp"

#include "media/difference.hpp"
#include "media/timing.hpp"

#include <fmt/format.h>

#include <array>
#include <mutex>
#include <new>

namespace giflab::engine {

namespace {

std::string size_text(int32_t width, int32_t height) { return fmt::format("{}x{}", width, height); }

} // namespace

// ---- Images as a step sees them

struct step_run::seen_image {
   giflab_image image{};
   std::array<const giflab_view *, media::representation_count> views{};
   std::optional<media::representations> forms;
   media::picture_pointer picture;
   media::changes changed;
};

const giflab_image *step_run::show(const shown_picture &in) {
   auto made = std::make_unique<seen_image>();
   made->picture = in.picture;
   made->forms.emplace(in.picture, conditions_.background,
                       conditions_.level > 0 ? media::conversion::palette : media::conversion::pixels,
                       conditions_.on->pixels());
   made->forms->make(table().inputs);
   for (uint32_t i = 0; i < media::representation_count; ++i)
      made->views[i] = table().inputs & GIFLAB_BIT(i) ? made->forms->views()[i] : nullptr;
   const media::picture &shown = *in.picture;
   made->changed = {{0, 0, shown.width, shown.height}, {}};
   if (!seen_.empty())
      made->changed = media::changes_between(*seen_.back()->picture, shown);
   const giflab_image *previous = table().lookback > 0 && !seen_.empty() ? &seen_.back()->image : nullptr;
   made->image = media::image_of(shown, made->changed.area, made->changed.squares_or_null(), previous,
                                 made->views.data());
   made->image.index = index_++;
   made->image.start_us = in.start_us, made->image.duration_us = in.duration_us;
   seen_.push_back(std::move(made));
   while (seen_.size() > std::size_t{table().lookback} + 1)
      seen_.pop_front();
   seen_.front()->image.previous = nullptr;
   return &seen_.back()->image;
}

// ---- Where a filter puts its pictures

// The table comes first in a standard-layout struct, so that the pointer a plugin holds leads back here.
class step_run::sink {
 public:
   sink(step_run &owner, const shown_picture *current, const giflab_image *image,
        std::vector<shown_picture> &out)
       : base_{{open, put, pass}, this}, owner_(owner), current_(current), image_(image), out_(out) {}
   sink(const sink &) = delete;
   sink &operator=(const sink &) = delete;

   const giflab_sink *table() const { return &base_.table; }

 private:
   struct base {
      giflab_sink table;
      sink *self;
   };
   // A canvas that a filter paints.
   struct open_canvas {
      giflab_canvas canvas{};
      std::shared_ptr<media::picture> picture;
      int64_t start_us = 0, duration_us = 0;
   };

   static sink &of(const giflab_sink *table) { return *reinterpret_cast<const base *>(table)->self; }

   static giflab_canvas *open(const giflab_sink *table, int64_t start_us, int64_t duration_us) noexcept try {
      sink &self = of(table);
      const giflab_clip &planned = self.owner_.produced_;
      auto made = std::make_unique<open_canvas>();
      made->picture = std::make_shared<media::picture>();
      made->picture->width = planned.width;
      made->picture->height = planned.height;
      made->picture->give(media::make_plane(self.owner_.conditions_.on->pixels(),
                                            static_cast<std::size_t>(planned.width) * 4, planned.height));
      made->canvas = {made->picture->rgba().row<void>(0), made->picture->rgba().stride, planned.width,
                      planned.height};
      made->start_us = start_us;
      made->duration_us = duration_us;
      self.open_.push_back(std::move(made));
      return &self.open_.back()->canvas;
   } catch (const std::bad_alloc &) {
      return nullptr;
   }

   static giflab_status put(const giflab_sink *table, giflab_canvas *canvas) noexcept try {
      sink &self = of(table);
      for (auto one = self.open_.begin(); one != self.open_.end(); ++one)
         if (&(*one)->canvas == canvas) {
            self.take(**one);
            self.open_.erase(one);
            return GIFLAB_OK;
         }
      return GIFLAB_INVALID; // not one of ours, or put twice
   } catch (const std::bad_alloc &) {
      return GIFLAB_NO_MEMORY;
   }

   static giflab_status pass(const giflab_sink *table, const giflab_image *image, int64_t start_us,
                             int64_t duration_us) noexcept try {
      sink &self = of(table);
      const giflab_clip &planned = self.owner_.produced_;
      if (!image || image != self.image_ || image->width != planned.width || image->height != planned.height)
         return GIFLAB_INVALID;
      self.out_.push_back({self.current_->picture, start_us, duration_us});
      return GIFLAB_OK;
   } catch (const std::bad_alloc &) {
      return GIFLAB_NO_MEMORY;
   }

   void take(open_canvas &painted) {
      media::picture &made = *painted.picture;
      made.content = media::content_id(made);
      made.changed = {{0, 0, made.width, made.height}, {}};
      out_.push_back({painted.picture, painted.start_us, painted.duration_us});
   }

   base base_;
   step_run &owner_;
   const shown_picture *current_;
   const giflab_image *image_;
   std::vector<shown_picture> &out_;
   std::vector<std::unique_ptr<open_canvas>> open_;
};

// ---- Life

step_run::step_run(const pipeline_step &step, const giflab_clip &source, const step_conditions &conditions)
    : step_(step), conditions_(conditions), source_(source), produced_(source) {}

result<std::unique_ptr<step_run>> step_run::create(const pipeline_step &step, const giflab_clip &source,
                                                   const step_conditions &conditions) {
   std::unique_ptr<step_run> made(new step_run(step, source, conditions));
   const giflab_plugin &table = made->table();
   if (!step.is_transcoder() && (source.width < table.least_width || source.height < table.least_height))
      return failed(problem::input,
                    fmt::format("{} needs pictures of at least {}; these are {}", step.plugin->id(),
                                size_text(table.least_width, table.least_height),
                                size_text(source.width, source.height)));
   if (auto instance = made->make_instance(); !instance)
      return tl::unexpected(instance.error());
   if (!table.filter)
      return made;
   auto planned = made->call("plan", [&](const giflab_call *) {
      return table.filter->plan(made->object_, &made->source_, &made->produced_);
   });
   if (!planned)
      return tl::unexpected(planned.error());
   if (auto checked = made->check_plan(); !checked)
      return tl::unexpected(checked.error());
   return made;
}

result<void> step_run::check_plan() const {
   const int32_t width = produced_.width, height = produced_.height;
   if (width < 1 || height < 1)
      return failed(problem::plugin,
                    fmt::format("{} plans pictures of {}", step_.plugin->id(), size_text(width, height)));
   if (int64_t{width} * height > conditions_.most_pixels)
      return failed(problem::input,
                    fmt::format("{} plans pictures of {}, over the limit of {} pixels; --max-pixels raises it",
                                step_.plugin->id(), size_text(width, height), conditions_.most_pixels));
   return {};
}

step_run::~step_run() {
   if (!made_)
      return;
   modules::call_context call(modules::borrowed_services{}, 0, 0, 0);
   call.about({table().id, "destroy"});
   call.run([&] {
      table().destroy(object_);
      return GIFLAB_OK;
   });
}

result<void> step_run::make_instance() {
   const giflab_setup setup{source_, GIFLAB_MEMORY_HOST, static_cast<uint32_t>(conditions_.level),
                            step_.parameters.values.data(), nullptr};
   auto created = call(
       "create",
       [&](const giflab_call *table_of_call) { return table().create(table_of_call, &setup, &object_); }, -1,
       services::stage::setting_up);
   made_ = created.has_value();
   return created;
}

// ---- Calls

result<void> step_run::call(const char *name, const std::function<giflab_status(const giflab_call *)> &entry,
                            int64_t frame, services::stage noted_as) {
   const machine::borrowed_arena arena(*conditions_.on);
   modules::borrowed_services lent = conditions_.on->lent_to(*step_.plugin);
   lent.arena = arena.get();
   lent.pool = conditions_.level > 0 ? &conditions_.on->threads() : nullptr;
   modules::call_context context(lent, 0, 0, 0);
   context.about({table().id, name, frame, frame < 0 ? 0u : 1u});
   const auto module_lock = table().threads == GIFLAB_PER_MODULE
                                ? std::unique_lock(*step_.plugin->home->entered)
                                : std::unique_lock<std::mutex>();
   const giflab_status status = context.run([&] { return entry(context.table()); }, noted_as);
   if (status == GIFLAB_OK)
      return {};
   if (status == GIFLAB_CANCELLED)
      return failed(problem::cancelled, "stopped on request");
   const bool input = status == GIFLAB_UNSUPPORTED || status == GIFLAB_IO || status == GIFLAB_TIMEOUT;
   return failed(input ? problem::input : problem::plugin,
                 fmt::format("{} failed: {}", step_.plugin->id(),
                             context.text().empty() ? modules::status_name(status) : context.text()));
}

result<void> step_run::apply(const giflab_image *image, const shown_picture *in,
                             std::vector<shown_picture> &out) {
   const std::size_t before = out.size();
   sink into(*this, in, image, out);
   auto done = call(
       "apply",
       [&](const giflab_call *table_of_call) {
          return table().filter->apply(object_, table_of_call, image, into.table());
       },
       image ? image->index : -1);
   if (done && table().scope == GIFLAB_SCOPE_FRAME && out.size() != before + 1)
      return failed(problem::plugin,
                    fmt::format("{} put {} pictures for one, where FRAME scope puts exactly one",
                                step_.plugin->id(), out.size() - before));
   for (std::size_t i = before; done && i < out.size(); ++i)
      done = check_times(out[i]);
   return done;
}

result<void> step_run::check_times(const shown_picture &made) {
   if (const std::string fault = media::fault_of_showing(made.start_us, made.duration_us, end_us_);
       !fault.empty())
      return failed(problem::plugin, fmt::format("{} put a picture that {}", step_.plugin->id(), fault));
   end_us_ = made.start_us + made.duration_us;
   return {};
}

result<void> step_run::filter(const shown_picture &in, std::vector<shown_picture> &out) {
   return apply(show(in), &in, out);
}

result<void> step_run::drain(std::vector<shown_picture> &out) {
   return table().scope == GIFLAB_SCOPE_CLIP ? apply(nullptr, nullptr, out) : result<void>();
}

result<void> step_run::begin() {
   return call("begin", [&](const giflab_call *table_of_call) {
      return table().encoder->begin(object_, table_of_call, &source_);
   });
}

result<void> step_run::add(const shown_picture &in) {
   const giflab_image *image = show(in);
   return call(
       "add",
       [&](const giflab_call *table_of_call) { return table().encoder->add(object_, table_of_call, image); },
       image->index);
}

result<void> step_run::finish(const std::string &target) {
   return call("finish", [&](const giflab_call *table_of_call) {
      return table().encoder->finish(object_, table_of_call, target.c_str());
   });
}

result<void> step_run::transcode(const std::string &source, const std::string &target) {
   return call("transcode", [&](const giflab_call *table_of_call) {
      return table().encoder->transcode(object_, table_of_call, source.c_str(), target.c_str());
   });
}

} // namespace giflab::engine
