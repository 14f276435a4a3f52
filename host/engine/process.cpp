#include "engine/process.hpp"

#include "engine/memory_needs.hpp"
#include "media/gif_reader.hpp"
#include "results/output_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <limits>

namespace giflab::engine {

namespace {

namespace fs = std::filesystem;

double seconds_since(std::chrono::steady_clock::time_point then) {
   return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

std::vector<std::string> names_of(const pipeline_stage &stage) {
   std::vector<std::string> names;
   for (const pipeline_step &filter : stage.filters)
      names.push_back(filter.name());
   names.push_back(stage.encoder.name());
   return names;
}

step_conditions conditions_of(const processing_options &options, machine &on) {
   return {&on, options.level, options.background, options.reading.limits.max_pixels};
}

// Pictures of one file through filters into an encoder.
class picture_stage {
 public:
   picture_stage(const pipeline_stage &stage, const processing_options &options, machine &on)
       : stage_(stage), options_(options), conditions_(conditions_of(options, on)) {}

   result<void> run(const std::string &source, const std::string &target, const processing_listener &progress);

   int64_t pictures() const { return encoded_; }
   const std::vector<std::string> &warnings() const { return warnings_; }

 private:
   result<void> set_up();
   result<void> enter();
   result<void> push(std::size_t step, const shown_picture &picture);
   result<void> hand_on(std::size_t step, const std::vector<shown_picture> &pictures);
   result<void> read_all(const processing_listener &progress);

   const pipeline_stage &stage_;
   const processing_options &options_;
   step_conditions conditions_;
   step_needs needed_{};                 // of the reader and all steps, for one picture on its way
   services::admission::promise memory_; // as much as it may take
   std::unique_ptr<media::reader> reader_;
   std::vector<std::unique_ptr<step_run>> filters_;
   std::unique_ptr<step_run> encoder_;
   int64_t encoded_ = 0;
   std::vector<std::string> warnings_;
};

result<void> picture_stage::set_up() {
   const media::file_facts &facts = reader_->facts();
   giflab_clip clip = {facts.width, facts.height, -1, -1, facts.loop_count, 0};
   needed_.least = needed_.most = reading_bytes(facts);
   const auto create = [&](const pipeline_step &step) {
      auto made = step_run::create(step, clip, conditions_);
      if (made) {
         const step_needs needs = needs_of(*step.plugin, clip, (*made)->produced());
         needed_.least += needs.least;
         needed_.most += needs.most;
         clip = (*made)->produced();
      }
      return made;
   };
   for (const pipeline_step &step : stage_.filters) {
      auto made = create(step);
      if (!made)
         return tl::unexpected(made.error());
      filters_.push_back(std::move(*made));
   }
   auto made = create(stage_.encoder);
   if (!made)
      return tl::unexpected(made.error());
   encoder_ = std::move(*made);
   return enter();
}

// Waits until there is memory for a picture and all steps beside what others take.
result<void> picture_stage::enter() {
   const media::file_facts &facts = reader_->facts();
   if (const auto missing = shortage(conditions_.on->bound(), needed_.least))
      return failed(problem::usage, fmt::format("taking pictures of {}x{} through {} {}", facts.width,
                                                facts.height, fmt::join(names_of(stage_), ", "), *missing));
   memory_ = promised_memory(*conditions_.on, needed_.most);
   return encoder_->begin();
}

result<void> picture_stage::push(std::size_t step, const shown_picture &picture) {
   if (step == filters_.size()) {
      ++encoded_;
      return encoder_->add(picture);
   }
   std::vector<shown_picture> made;
   if (auto filtered = filters_[step]->filter(picture, made); !filtered)
      return filtered;
   return hand_on(step + 1, made);
}

result<void> picture_stage::hand_on(std::size_t step, const std::vector<shown_picture> &pictures) {
   for (const shown_picture &one : pictures)
      if (auto pushed = push(step, one); !pushed)
         return pushed;
   return {};
}

result<void> picture_stage::read_all(const processing_listener &progress) {
   int64_t bytes = 0;
   std::size_t counted = 0;
   for (;;) {
      if (conditions_.on->cancelled().requested())
         return failed(problem::cancelled, "stopped on request");
      conditions_.on->memory().poll(); // lets go of what can be spared where there is little
      auto picture = reader_->next();
      if (!picture)
         return tl::unexpected(picture.error());
      if (!*picture)
         break;
      if (auto pushed = push(0, {*picture, (*picture)->start_us, (*picture)->duration_us}); !pushed)
         return pushed;
      const media::file_facts &facts = reader_->facts();
      for (; counted < facts.frames.size(); ++counted)
         bytes += facts.frames[counted].bytes;
      if (progress && facts.bytes > 0)
         progress(std::min(1.0, static_cast<double>(bytes) / static_cast<double>(facts.bytes)), encoded_);
   }
   for (std::size_t step = 0; step < filters_.size(); ++step) {
      std::vector<shown_picture> made;
      if (auto drained = filters_[step]->drain(made); !drained)
         return drained;
      if (auto handed = hand_on(step + 1, made); !handed)
         return handed;
   }
   return {};
}

result<void> picture_stage::run(const std::string &source, const std::string &target,
                                const processing_listener &progress) {
   auto opened = media::open(source, options_.reading, conditions_.on->pixels());
   if (!opened)
      return tl::unexpected(opened.error());
   reader_ = std::move(*opened);
   if (auto ready = set_up(); !ready)
      return ready;
   if (auto read = read_all(progress); !read)
      return read;
   warnings_ = reader_->facts().warnings;
   if (encoded_ == 0)
      return failed(problem::plugin, fmt::format("{}: no picture is left of it", source));
   return encoder_->finish(target);
}

// ---- Files

// Gives a file that somebody named a name that no tool can misread.
result<std::string> safe_name(const std::string &source, const std::string &extension,
                              services::sandbox::call_folder &folder) {
   auto name = folder.fresh("." + extension);
   if (!name)
      return name;
   std::error_code trouble;
   fs::create_symlink(fs::absolute(source, trouble), *name, trouble);
   if (trouble)
      return failed(problem::internal, fmt::format("{} gets no name in {}: {}", source, folder.path().string(),
                                                   trouble.message()));
   return name;
}

result<void> copy_into(const std::string &from, results::output_file &target) {
   std::ifstream file(from, std::ios::binary);
   std::string piece(std::size_t{1} << 16, '\0');
   while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
      if (auto written =
              target.write(std::string_view(piece).substr(0, static_cast<std::size_t>(file.gcount())));
          !written)
         return written;
   if (!file.eof())
      return failed(problem::internal, fmt::format("{} cannot be read: {}", from, std::strerror(errno)));
   return {};
}

int64_t bytes_of(const std::string &path) {
   std::error_code none; // a folder has no size of its own
   const auto size = fs::file_size(path, none);
   return none ? 0 : static_cast<int64_t>(size);
}

// What there is to say against a file that an encoder made; nothing if it is whole. Programs that meet a full
// disk may say that they are done all the same.
std::string fault_of(const std::string &file, std::string_view extension) {
   std::error_code none; // what cannot be looked at was not made
   if (!fs::is_regular_file(file, none))
      return "no file";
   if (bytes_of(file) == 0)
      return "an empty file";
   if (extension != "gif")
      return "";
   auto bytes = media::byte_source::opened(file, std::numeric_limits<int64_t>::max());
   return bytes && media::is_whole_gif(std::move(*bytes)) ? "" : "a GIF that breaks off";
}

// One pipeline under way.
class processing_run {
 public:
   processing_run(const processing_options &options, machine &on, const processing_listener &progress,
                  services::sandbox::call_folder folder)
       : options_(options), on_(on), progress_(progress), folder_(std::move(folder)) {}

   // Gives the path of the file made.
   result<std::string> run(const pipeline_stage &stage, const std::string &source, bool ours);
   processing_report take() { return std::move(report_); }

 private:
   result<void> run_pictures(const pipeline_stage &stage, const std::string &source, const std::string &target,
                             processing_report::stage &told);
   result<void> run_transcoder(const pipeline_step &encoder, const std::string &source,
                               const std::string &target, bool ours);

   const processing_options &options_;
   machine &on_;
   const processing_listener &progress_;
   services::sandbox::call_folder folder_;
   processing_report report_;
};

result<void> processing_run::run_pictures(const pipeline_stage &stage, const std::string &source,
                                          const std::string &target, processing_report::stage &told) {
   picture_stage pictures(stage, options_, on_);
   auto done = pictures.run(source, target, progress_);
   told.pictures = pictures.pictures();
   report_.warnings.insert(report_.warnings.end(), pictures.warnings().begin(), pictures.warnings().end());
   return done;
}

result<void> processing_run::run_transcoder(const pipeline_step &encoder, const std::string &source,
                                            const std::string &target, bool ours) {
   std::string readable = source;
   if (!ours) {
      auto named = safe_name(source, encoder.plugin->table.encoder->extension, folder_);
      if (!named)
         return tl::unexpected(named.error());
      readable = *named;
   }
   auto made = step_run::create(encoder, {}, conditions_of(options_, on_));
   return made ? (*made)->transcode(readable, target) : tl::unexpected(made.error());
}

result<std::string> processing_run::run(const pipeline_stage &stage, const std::string &source, bool ours) {
   const auto began = std::chrono::steady_clock::now();
   auto target = folder_.fresh(std::string(".") + stage.encoder.plugin->table.encoder->extension);
   if (!target)
      return target;
   processing_report::stage told;
   told.names = names_of(stage);
   told.fingerprint = stage.encoder.fingerprint;
   auto done = stage.encoder.is_transcoder() ? run_transcoder(stage.encoder, source, *target, ours)
                                             : run_pictures(stage, source, *target, told);
   if (!done)
      return tl::unexpected(done.error());
   if (const std::string fault = fault_of(*target, stage.encoder.plugin->table.encoder->extension);
       !fault.empty())
      return failed(problem::plugin,
                    fmt::format("{} says that it is done and made {}: if the disk of temporary "
                                "files is full, free some or name another with --temp-dir",
                                stage.encoder.plugin->id(), fault));
   told.bytes = bytes_of(*target);
   told.seconds = seconds_since(began);
   report_.stages.push_back(std::move(told));
   return target;
}

} // namespace

result<processing_report> process(const std::string &source, const std::string &target,
                                  const std::vector<pipeline_stage> &stages, const processing_options &options,
                                  machine &on, const processing_listener &progress) try {
   auto output = results::output_file::open(target); // before the work, so that nobody waits to hear of it
   if (!output)
      return tl::unexpected(output.error());
   auto folder = on.lent_to(*stages.front().encoder.plugin).files->open_call();
   if (!folder)
      return tl::unexpected(folder.error());
   processing_run run(options, on, progress, std::move(*folder));
   std::string file = source;
   bool ours = false;
   for (const pipeline_stage &stage : stages) {
      auto made = run.run(stage, file, ours);
      if (!made)
         return tl::unexpected(made.error());
      file = *made;
      ours = true;
   }
   if (auto copied = copy_into(file, *output).and_then([&] { return output->commit(); }); !copied)
      return tl::unexpected(copied.error());
   processing_report report = run.take();
   report.source_bytes = bytes_of(source);
   report.target_bytes = report.stages.back().bytes;
   return report;
} catch (const std::bad_alloc &) {
   return failed(problem::internal, fmt::format("out of memory while processing {}", source));
}

} // namespace giflab::engine
