#pragma once
// Which plugins there are, and which files are none and why.

#include "error.hpp"
#include "modules/plugin.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace giflab::modules {

struct rejection {
   std::string path;
   std::string plugin; // empty if the whole file was rejected
   std::string reason;
};

// Everything found in a list of folders.
class catalogue {
 public:
   // Loads every *.so of each folder (not recursive, sorted by name), in order. The first plugin with an id
   // wins. A folder that is not there is passed over, unless it is one of the first `required`.
   // `refusal` is asked before each file is loaded: a reason turns it away.
   using file_refusal = std::function<std::optional<std::string>(const std::string &path)>;
   static result<catalogue> discover(const std::vector<std::string> &folders, std::size_t required = 0,
                                     const file_refusal &refusal = nullptr);

   // Of what another process found.
   static catalogue described(std::vector<std::string> folders, std::vector<std::unique_ptr<plugin>> plugins,
                              std::vector<rejection> rejected);

   // Adds what was found in folders that come later.
   void join(catalogue later);

   // Loads one more file.
   void load(const std::string &path);

   // From now on one call at a time is made in that module, whatever its plugins declare (rule B6).
   void distrust(const std::string &path);

   const std::vector<std::unique_ptr<plugin>> &plugins() const { return plugins_; }
   const std::vector<rejection> &rejected() const { return rejected_; }
   const std::vector<std::string> &folders() const { return folders_; }

   // Null if there is none.
   const plugin *find(std::string_view id) const;

 private:
   void add(const giflab_plugin *given, const module &home);
   bool is_shadowed(const plugin &candidate);

   std::vector<std::string> folders_;
   std::vector<std::unique_ptr<plugin>> plugins_;
   std::vector<rejection> rejected_;
};

// The *.so of a folder, sorted by name, with absolute paths.
std::vector<std::string> module_files(const std::string &folder);

// Where plugins are looked for: `given` (the --plugin options and GIFLAB_PLUGIN_PATH), then
// ~/.local/lib/giflab/1, then lib/giflab/1 beside the folder of the running program.
std::vector<std::string> search_path(const std::vector<std::string> &given);

// The last of them: where the plugins are that come with the program. Empty if that cannot be told.
std::string own_folder();

} // namespace giflab::modules
