// giflab models list|import|pull|verify|remove

#include "cli/command.hpp"
#include "config/nearest_name.hpp"
#include "config/printable.hpp"
#include "model_files/install.hpp"
#include "model_files/weights_file.hpp"
#include "modules/model_pin.hpp"
#include "modules/model_registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <unistd.h>

namespace giflab::cli {

namespace {

namespace fs = std::filesystem;

struct models_options {
   common_options common;
   std::string id, file, trunk, heads;
};

// A model, and who declares it.
struct declared_model {
   giflab_model_source source;
   std::vector<std::string> plugins;
};

// What every one of the commands begins with. The plugins stay loaded, as the models' texts are theirs.
struct workplace {
   modules::catalogue found;
   std::vector<std::string> folders; // the first is where models are installed
   std::vector<declared_model> models;
};

std::vector<declared_model> declared_models(const modules::catalogue &found) {
   std::map<std::pair<std::string, std::string>, declared_model> all; // by id and hash
   for (const auto &plugin : found.plugins())
      for (const giflab_model_source &source : plugin->models) {
         declared_model &one =
             all.try_emplace({source.id, source.sha256}, declared_model{source, {}}).first->second;
         one.plugins.push_back(plugin->id());
      }
   std::vector<declared_model> models;
   for (auto &[key, one] : all)
      models.push_back(std::move(one));
   return models;
}

result<workplace> open_workplace(const models_options &options) {
   auto settings = resolve_settings(options.common);
   if (!settings)
      return tl::unexpected(settings.error());
   auto found = find_plugins(*settings, options.common);
   if (!found)
      return tl::unexpected(found.error());
   std::vector<declared_model> models = declared_models(*found);
   return workplace{std::move(*found), modules::model_search_path(settings->paths(config::setting::model_path)),
                    std::move(models)};
}

// The model with that id, or the only one whose id begins so.
result<const declared_model *> chosen(const workplace &here, const std::string &name) {
   std::vector<const declared_model *> exact, longer;
   std::vector<std::string> ids, longer_ids;
   for (const declared_model &one : here.models) {
      const std::string id = one.source.id;
      ids.push_back(id);
      if (id == name)
         exact.push_back(&one);
      if (id.starts_with(name)) {
         longer.push_back(&one);
         longer_ids.push_back(id);
      }
   }
   if (exact.size() > 1)
      return failed(
          problem::usage,
          fmt::format("the plugins {} and {} mean two different models by {}: choose one of them with "
                      "--plugin or GIFLAB_PLUGIN_PATH",
                      exact[0]->plugins[0], exact[1]->plugins[0], name));
   if (exact.size() == 1)
      return exact[0];
   if (longer.size() == 1)
      return longer[0];
   if (longer.size() > 1)
      return failed(problem::usage, fmt::format("{} may be {}: say which", config::in_quotes(name),
                                                fmt::join(longer_ids, " or ")));
   return failed(problem::usage, fmt::format("no plugin here declares a model {}: {}", config::in_quotes(name),
                                             config::did_you_mean(name, ids)));
}

result<std::string> install_folder(const workplace &here) {
   if (here.folders.empty())
      return failed(problem::usage,
                    "there is nowhere to install models: set GIFLAB_MODEL_PATH, or use --models");
   return here.folders[0];
}

// Where the model is, if it is what was declared.
result<std::string> verified_path(const workplace &here, const giflab_model_source &source) {
   modules::model_registry registry(here.folders);
   const auto held = registry.acquire(source, &stop_on_signals());
   if (!held)
      return tl::unexpected(held.error());
   std::string path = (*held)->path;
   registry.release(*held);
   return path;
}

bool is_missing(const workplace &here, const giflab_model_source &source) {
   return modules::model_candidates(here.folders, source.id).empty();
}

std::string size_text(const giflab_model_source &source) {
   return source.size > 0 ? fmt::format("{} bytes", source.size) : std::string("of a size known once imported");
}

// ---- list

result<int> list(const models_options &options) {
   auto here = open_workplace(options);
   if (!here)
      return tl::unexpected(here.error());
   if (here->models.empty())
      return print("No plugin here declares a model.\n");
   std::string text;
   for (const declared_model &one : here->models) {
      const auto path = verified_path(*here, one.source);
      if (!path && path.error().kind == problem::cancelled)
         return tl::unexpected(path.error());
      const char *state = path ? "installed" : is_missing(*here, one.source) ? "missing" : "corrupt";
      text += fmt::format("{:<24} {:<10} {}, {}, for {}\n{:<24} {}\n", one.source.id, state,
                          size_text(one.source), one.source.license, fmt::join(one.plugins, " and "), "",
                          config::printable(path ? *path : path.error().text));
   }
   return print(text);
}

// ---- verify

result<int> verify(const models_options &options) {
   auto here = open_workplace(options);
   if (!here)
      return tl::unexpected(here.error());
   std::vector<const declared_model *> wanted;
   if (options.id.empty()) {
      for (const declared_model &one : here->models)
         if (!is_missing(*here, one.source))
            wanted.push_back(&one);
   } else if (auto one = chosen(*here, options.id)) {
      wanted.push_back(*one);
   } else {
      return tl::unexpected(one.error());
   }
   int code = exit_success;
   std::string text = wanted.empty() ? "No model is installed.\n" : "";
   for (const declared_model *one : wanted) {
      const auto path = verified_path(*here, one->source);
      if (path)
         text += fmt::format("{}: {} is what it should be\n", one->source.id, *path);
      else
         code = report(path.error());
   }
   if (const int printed = print(text); printed != exit_success)
      return printed;
   return code;
}

// ---- import

std::string import_help(const giflab_model_source &source) {
   return fmt::format(
       "say what {0} is made from: giflab models import {0} --trunk FILE --heads FILE, or its own "
       "file alone; it comes from {1}",
       source.id, source.origin && *source.origin ? source.origin : "the plugin's vendor");
}

result<std::string> import_file(const giflab_model_source &source, const std::string &file,
                                const std::string &folder) {
   auto content = model_files::whole_file(file);
   if (!content)
      return tl::unexpected(content.error());
   return model_files::install(source, content->bytes(), folder,
                               model_files::extension_for(source.id, fs::path(file).filename().string()));
}

result<std::string> import_parts(const giflab_model_source &source, const models_options &options,
                                 const std::string &folder) {
   const services::cancellation &wish = stop_on_signals();
   auto trunk = model_files::weights_file::open(options.trunk, wish);
   if (!trunk)
      return tl::unexpected(trunk.error());
   auto heads = model_files::weights_file::open(options.heads, wish);
   if (!heads)
      return tl::unexpected(heads.error());
   auto merged = model_files::merge(source, *trunk, *heads);
   if (!merged)
      return tl::unexpected(merged.error());
   return model_files::install(source, *merged, folder, ".safetensors");
}

result<int> import(const models_options &options) {
   auto here = open_workplace(options);
   if (!here)
      return tl::unexpected(here.error());
   auto one = chosen(*here, options.id);
   if (!one)
      return tl::unexpected(one.error());
   auto folder = install_folder(*here);
   if (!folder)
      return tl::unexpected(folder.error());
   const giflab_model_source &source = (*one)->source;
   const bool parts = !options.trunk.empty() && !options.heads.empty();
   const bool some = !options.trunk.empty() || !options.heads.empty();
   if (options.file.empty() ? !parts : some)
      return failed(problem::usage, import_help(source));
   auto path = parts ? import_parts(source, options, *folder) : import_file(source, options.file, *folder);
   if (!path)
      return tl::unexpected(path.error());
   return print(fmt::format("{} is installed: {}\n", source.id, config::printable(*path)));
}

// ---- pull

model_files::download_progress shown_progress(bool quiet) {
   const bool shown = !quiet && isatty(STDERR_FILENO);
   return [shown, last = 101](uint64_t bytes, uint64_t of) mutable {
      const int percent = static_cast<int>(bytes * 100 / of);
      if (!shown || percent == last)
         return;
      last = percent;
      tell(fmt::format("\r{:3} % of {} bytes{}", percent, of, bytes == of ? "\n" : ""));
   };
}

result<int> pull(const models_options &options) {
   auto here = open_workplace(options);
   if (!here)
      return tl::unexpected(here.error());
   auto one = chosen(*here, options.id);
   if (!one)
      return tl::unexpected(one.error());
   const giflab_model_source &source = (*one)->source;
   if (auto path = verified_path(*here, source))
      return print(fmt::format("{} is installed already: {}\n", source.id, config::printable(*path)));
   if (!modules::can_be_pulled(source))
      return failed(problem::usage,
                    fmt::format("{} cannot be fetched as it is: {}", source.id, import_help(source)));
   auto folder = install_folder(*here);
   if (!folder)
      return tl::unexpected(folder.error());
   auto path = model_files::download(source, *folder, stop_on_signals(), shown_progress(options.common.quiet));
   if (!path)
      return tl::unexpected(path.error());
   return print(fmt::format("{} is installed: {}\n", source.id, config::printable(*path)));
}

// ---- remove

result<int> remove(const models_options &options) {
   auto here = open_workplace(options);
   if (!here)
      return tl::unexpected(here.error());
   auto one = chosen(*here, options.id);
   if (!one)
      return tl::unexpected(one.error());
   const std::vector<std::string> paths = modules::model_candidates(here->folders, (*one)->source.id);
   if (paths.empty())
      return failed(problem::input, fmt::format("{} is not installed", (*one)->source.id));
   std::string text;
   for (const std::string &path : paths) {
      std::error_code trouble;
      fs::remove(path, trouble);
      if (trouble)
         return failed(problem::input, fmt::format("{} cannot be removed: {}", path, trouble.message()));
      fs::remove(modules::pin_path(path), trouble);
      text += fmt::format("removed {}\n", config::printable(path));
   }
   return print(text);
}

struct models_command {
   const char *name, *help;
   result<int> (*run)(const models_options &options);
   bool takes_id, needs_id;
};
constexpr models_command models_commands[] = {
    {"list", "Tell which models plugins want, and which are installed", list, false, false},
    {"import", "Make a model from files of weights that are here, or take its own file", import, true, true},
    {"pull", "Download a model from its origin", pull, true, true},
    {"verify", "Read a model, or all that are installed, and compare the hash", verify, true, false},
    {"remove", "Delete the files of a model", remove, true, true},
};

void add_import_options(CLI::App &parser, models_options &options) {
   parser.add_option("FILE", options.file, "The model's own file, if it is not made from parts");
   parser
       .add_option("--trunk", options.trunk,
                   "The classifier, of which features.* are taken: .pth or .safetensors")
       ->type_name("FILE");
   parser.add_option("--heads", options.heads, "What was trained on top, of which lin* are taken")
       ->type_name("FILE");
}

} // namespace

command add_models(CLI::App &app) {
   auto options = std::make_shared<models_options>();
   CLI::App *parser = app.add_subcommand("models", "List, install, check and remove the models of plugins");
   parser->require_subcommand(1);
   std::vector<std::pair<CLI::App *, const models_command *>> parsers;
   for (const models_command &one : models_commands) {
      CLI::App *made = parser->add_subcommand(one.name, one.help);
      if (one.takes_id) {
         CLI::Option *id = made->add_option("MODEL", options->id, "Its id, or how no other id begins");
         if (one.needs_id)
            id->required();
      }
      if (one.run == import)
         add_import_options(*made, *options);
      add_common_options(*made, options->common);
      parsers.emplace_back(made, &one);
   }
   return {parser, [options, parsers] {
              const auto asked = std::find_if(parsers.begin(), parsers.end(),
                                              [](const auto &one) { return one.first->parsed(); });
              const result<int> outcome = asked->second->run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
