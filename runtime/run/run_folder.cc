#include "runtime/run/run_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/run/atomic_file.h"

namespace nasc {
namespace {

namespace fs = std::filesystem;

// Makes a folder and those above it that are missing. Adds those that it made to `made`, the
// outermost first. False, with errno, after an error.
bool MakeFolders(const fs::path& folder, std::vector<std::string>* made) {
  fs::path path;
  for (const fs::path& part : folder) {
    path /= part;
    if (part.empty()) continue;  // After a '/' at the end.
    if (mkdir(path.c_str(), 0777) == 0) {
      made->push_back(path.string());
    } else if (const int error = errno; error != EEXIST) {
      // Such as EROFS or EACCES above a folder that exists.
      std::error_code ignored;
      if (!fs::is_directory(path, ignored)) {
        errno = error;
        return false;
      }
    }
  }
  return true;
}

// Removes the folders again, where they are empty.
void RemoveFolders(const std::vector<std::string>& made) {
  for (auto folder = made.rbegin(); folder != made.rend(); ++folder) {
    if (rmdir(folder->c_str()) != 0) break;
  }
}

absl::Status CheckName(const std::string& name) {
  if (name.empty()) return absl::InvalidArgumentError("a run's name must not be empty");
  const bool control = std::any_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (name == "." || control || absl::StrContains(name, '/') || absl::StrContains(name, "..")) {
    return absl::InvalidArgumentError(
        absl::StrCat("a run's name must be a plain name, not a path: '", name, "'"));
  }
  return absl::OkStatus();
}

bool LeadsOut(const fs::path& relative) {
  const fs::path normal = relative.lexically_normal();
  return normal.empty() || normal.is_absolute() || *normal.begin() == "..";
}

fs::path AbsolutePath(const Module& module, const fs::path& working_directory) {
  return (working_directory / module.file.source->path()).lexically_normal();
}

// The deepest folder that holds both; both are absolute and normal.
fs::path CommonFolder(const fs::path& a, const fs::path& b) {
  fs::path common;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end() && *i == *j; ++i, ++j) {
    if (!i->empty()) common /= *i;
  }
  return common;
}

// Where libraries and the files that they import go, below the folder of libraries. The standard
// library is not among them.
absl::StatusOr<std::map<const Module*, fs::path>> LibrariesOf(const Sources& sources) {
  std::map<const Module*, fs::path> places;
  // Files come before those that import them.
  const auto& modules = sources.modules();
  for (auto module = modules.rbegin(); module != modules.rend(); ++module) {
    const auto own = places.find(module->get());
    for (size_t i = 0; i < (*module)->imports.size(); ++i) {
      const ast::Import& import = (*module)->file.imports[i];
      const Module* imported = (*module)->imports[i];
      if (!import.is_path) {
        const std::string file = LibraryFile(import.target);
        if (imported->file.source->path() != file) places.emplace(imported, file);
      } else if (own != places.end()) {
        const fs::path beside = (own->second.parent_path() / import.target).lexically_normal();
        if (LeadsOut(beside)) {
          return absl::InvalidArgumentError(absl::StrCat(
              "cannot keep ", (*module)->file.source->path(), " with the run: it imports ",
              import.target, ", which is outside of the folder of libraries"));
        }
        places.emplace(imported, beside);
      }
    }
  }
  return places;
}

}  // namespace

absl::StatusOr<RunFolder> RunFolder::Create(const std::string& runs, const std::string& name,
                                            bool exact) {
  if (absl::Status status = CheckName(name); !status.ok()) return status;
  std::string unique_name = name;
  std::string path = (fs::path(runs) / name).string();
  std::vector<std::string> parents;
  bool made = false;
  if (MakeFolders(runs, &parents)) {
    for (int number = 2;; ++number) {
      made = mkdir(path.c_str(), 0777) == 0;
      if (made || errno != EEXIST || exact) break;
      unique_name = absl::StrCat(name, "-", number);
      path = (fs::path(runs) / unique_name).string();
    }
  }
  if (made) return RunFolder(std::move(path), std::move(unique_name), std::move(parents));
  const int error = errno;
  RemoveFolders(parents);
  if (error == EEXIST) {
    return absl::AlreadyExistsError(
        absl::StrCat("run ", name, " exists already: choose another --name"));
  }
  return absl::ErrnoToStatus(error, absl::StrCat("cannot create the run folder ", path));
}

absl::StatusOr<RunFolder> RunFolder::Open(const std::string& path) {
  fs::path folder = fs::path(path).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // runs/quick/
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return absl::NotFoundError(absl::StrCat("there is no run folder ", path));
  }
  return RunFolder(folder.string(), folder.filename().string(), {});
}

std::string RunFolder::File(absl::string_view relative) const {
  return absl::StrCat(path_, "/", relative);
}

absl::Status RunFolder::WriteText(absl::string_view relative, absl::string_view contents) const {
  const fs::path relative_path{std::string(relative)};
  if (LeadsOut(relative_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot write ", relative, ": it is not in the run folder ", path_));
  }
  const std::string path = File(relative);
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error) {
    return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot write ", path));
  }
  return WriteFileAtomically(path, contents);
}

absl::StatusOr<std::string> RunFolder::SaveSources(const Sources& sources) const {
  std::error_code error;
  const fs::path working_directory = fs::current_path(error);
  if (error) {
    return absl::ErrnoToStatus(error.value(), "cannot find the working directory");
  }
  const fs::path root = AbsolutePath(sources.root(), working_directory);
  fs::path common = root.parent_path();
  const absl::StatusOr<std::map<const Module*, fs::path>> libraries = LibrariesOf(sources);
  if (!libraries.ok()) return libraries.status();
  std::set<const Module*> files = {&sources.root()};  // Not libraries.
  for (const auto& module : sources.modules()) {
    if (module->imports.size() != module->file.imports.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("not all imports of ", module->file.source->path(), " could be read"));
    }
    if (libraries->count(module.get()) != 0) continue;
    const fs::path folder = AbsolutePath(*module, working_directory).parent_path();
    for (size_t i = 0; i < module->imports.size(); ++i) {
      const ast::Import& import = module->file.imports[i];
      if (!import.is_path) continue;
      files.insert(module->imports[i]);
      const fs::path imported = AbsolutePath(*module->imports[i], working_directory);
      common = CommonFolder(common, imported.parent_path());
      // The folders that the import climbs to, even if it comes down again where it began.
      fs::path highest = folder;
      for (const fs::path& part : fs::path(import.target).lexically_normal()) {
        if (part != "..") break;
        highest = highest.parent_path();
      }
      common = CommonFolder(common, highest);
    }
  }
  const auto place = [&common](const fs::path& path) {
    return (fs::path("space") / path.lexically_relative(common)).string();
  };
  for (const auto& module : sources.modules()) {
    if (files.count(module.get()) == 0) continue;
    const absl::Status status =
        WriteText(place(AbsolutePath(*module, working_directory)), module->file.source->text());
    if (!status.ok()) return status;
  }
  for (const auto& [module, path] : *libraries) {
    const absl::Status status =
        WriteText((fs::path(kLibrariesFolder) / path).string(), module->file.source->text());
    if (!status.ok()) return status;
  }
  return place(root);
}

absl::Status RunFolder::Discard() const {
  std::error_code error;
  fs::remove_all(path_, error);
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot remove ", path_));
  RemoveFolders(parents_);
  return absl::OkStatus();
}

}  // namespace nasc
