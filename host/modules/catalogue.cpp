#include "modules/catalogue.hpp"

#include "modules/call.hpp"
#include "modules/descriptor.hpp"
#include "modules/module_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <new>

namespace giflab::modules {

namespace fs = std::filesystem;

namespace {

// Never emptied: the tables of plugins point into it.
std::vector<std::unique_ptr<module>> &loaded_modules() {
   static auto *modules = new std::vector<std::unique_ptr<module>>;
   return *modules;
}

// The ids of needed services that this host does not offer.
std::string missing_services(const giflab_plugin &table) {
   std::string missing;
   for (const char *const *id = table.needs; id && *id; ++id)
      if (!host_table().query(&host_table(), *id))
         missing += (missing.empty() ? "" : ", ") + std::string(*id);
   return missing;
}

} // namespace

result<catalogue> catalogue::discover(const std::vector<std::string> &folders, std::size_t required,
                                      const file_refusal &refusal) {
   catalogue found;
   std::vector<std::string> files; // of all folders before the first is loaded, which may go to another folder
   for (std::size_t i = 0; i < folders.size(); ++i) {
      std::error_code problem_found;
      if (!fs::is_directory(folders[i], problem_found)) {
         if (i < required)
            return failed(problem::usage, fmt::format("{}: there is no such folder of plugins", folders[i]));
         continue;
      }
      found.folders_.push_back(folders[i]);
      const std::vector<std::string> those = module_files(folders[i]);
      files.insert(files.end(), those.begin(), those.end());
   }
   for (const std::string &path : files)
      if (const auto reason = refusal ? refusal(path) : std::nullopt)
         found.rejected_.push_back({path, {}, *reason});
      else
         found.load(path);
   return found;
}

catalogue catalogue::described(std::vector<std::string> folders, std::vector<std::unique_ptr<plugin>> plugins,
                               std::vector<rejection> rejected) {
   catalogue made;
   made.folders_ = std::move(folders);
   made.plugins_ = std::move(plugins);
   made.rejected_ = std::move(rejected);
   return made;
}

void catalogue::distrust(const std::string &path) {
   for (const auto &one : plugins_)
      if (one->home->path == path)
         one->table.threads = GIFLAB_PER_MODULE;
}

void catalogue::load(const std::string &path) try {
   auto entry = open_module_file(path);
   if (!entry) {
      rejected_.push_back({path, {}, entry.error().text});
      return;
   }
   if (auto checked = check_entry(**entry); !checked) {
      rejected_.push_back({path, {}, checked.error().text});
      return;
   }
   const char *build = (*entry)->build;
   loaded_modules().push_back(std::make_unique<module>(module{path, build ? build : ""}));
   for (uint32_t i = 0; i < (*entry)->plugin_count; ++i)
      add((*entry)->plugins[i], *loaded_modules().back());
} catch (const std::bad_alloc &) { // the others may well have room
   rejected_.push_back({path, {}, "there is not enough memory to read its tables"});
}

void catalogue::add(const giflab_plugin *given, const module &home) {
   auto made = read_plugin(given);
   if (!made) {
      const std::string id = given && given->size >= first_plugin_size && given->id ? given->id : "?";
      rejected_.push_back({home.path, id, made.error().text});
      return;
   }
   plugin &candidate = **made;
   candidate.home = &home;
   if (is_shadowed(candidate))
      return;
   if (const std::string missing = missing_services(candidate.table); !missing.empty())
      rejected_.push_back({home.path, candidate.id(),
                           fmt::format("it needs {}, which this giflab does not offer (rule D07)", missing)});
   else
      plugins_.push_back(std::move(*made));
}

// If it is, that is put down.
bool catalogue::is_shadowed(const plugin &candidate) {
   const plugin *first = find(candidate.id());
   if (first)
      rejected_.push_back({candidate.home->path, candidate.id(),
                           fmt::format("shadowed by the plugin of the same id in {}", first->home->path)});
   return first != nullptr;
}

void catalogue::join(catalogue later) {
   folders_.insert(folders_.end(), later.folders_.begin(), later.folders_.end());
   for (auto &one : later.plugins_)
      if (!is_shadowed(*one))
         plugins_.push_back(std::move(one));
   rejected_.insert(rejected_.end(), later.rejected_.begin(), later.rejected_.end());
}

const plugin *catalogue::find(std::string_view id) const {
   const auto found =
       std::find_if(plugins_.begin(), plugins_.end(), [&](const auto &one) { return one->table.id == id; });
   return found == plugins_.end() ? nullptr : found->get();
}

std::vector<std::string> module_files(const std::string &folder) {
   std::vector<std::string> paths;
   std::error_code ignored;
   for (const fs::directory_entry &entry : fs::directory_iterator(folder, ignored))
      if (entry.path().extension() == ".so")
         paths.push_back(fs::absolute(entry.path()).string());
   std::sort(paths.begin(), paths.end());
   return paths;
}

std::vector<std::string> search_path(const std::vector<std::string> &given) {
   std::vector<std::string> folders = given;
   if (const char *home = secure_getenv("HOME"); home && *home)
      folders.push_back(std::string(home) + "/.local/lib/giflab/1");
   if (const std::string own = own_folder(); !own.empty())
      folders.push_back(own);
   return folders;
}

std::string own_folder() {
   std::error_code trouble;
   const fs::path program = fs::read_symlink("/proc/self/exe", trouble);
   return trouble ? std::string() : (program.parent_path().parent_path() / "lib/giflab/1").string();
}

} // namespace giflab::modules
