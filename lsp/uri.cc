#include "lsp/uri.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "dsl/sources.h"
#include "dsl/standard_library.h"

namespace nasc::lsp {
namespace {

namespace fs = std::filesystem;

constexpr char kScheme[] = "file://";

std::string Unescape(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() &&
                        absl::ascii_isxdigit(text[i + 1]) && absl::ascii_isxdigit(text[i + 2]);
    if (escape) {
      plain += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

fs::path CacheFolder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && cache[0] == '/') {
    return fs::path(cache) / "nasc";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/') {
    return fs::path(home) / ".cache" / "nasc";
  }
  return fs::temp_directory_path() / absl::StrCat("nasc-", getuid());
}

}  // namespace

std::string PathOf(absl::string_view uri) {
  absl::string_view rest = uri;
  if (!absl::ConsumePrefix(&rest, kScheme)) return std::string(uri);
  absl::ConsumePrefix(&rest, "localhost");
  return fs::path(Unescape(rest)).lexically_normal().string();
}

std::string UriOf(absl::string_view path) {
  if (!absl::StartsWith(path, "/")) return std::string(path);
  std::string uri = kScheme;
  for (const char c : path) {
    if (absl::ascii_isalnum(c) || absl::StrContains("/-._~", absl::string_view(&c, 1))) {
      uri += c;
    } else {
      absl::StrAppend(&uri, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return uri;
}

absl::StatusOr<std::string> LibraryCopy(absl::string_view path) {
  absl::StatusOr<std::string> text = StandardLibraryFile(path);
  if (!text.ok()) return text.status();
  std::error_code error;
  const fs::path copy = CacheFolder() / std::string(path);
  if (const auto old = ReadSourceFile(copy.string()); old.ok() && *old == *text) {
    return copy.string();
  }
  fs::create_directories(copy.parent_path(), error);
  // Another server may be reading: the old copy is replaced in one step.
  const fs::path fresh = absl::StrCat(copy.string(), ".", getpid());
  std::ofstream(fresh, std::ios::binary) << *text << std::flush;
  fs::permissions(fresh, fs::perms::owner_read | fs::perms::group_read, error);
  fs::rename(fresh, copy, error);
  if (error) return absl::UnavailableError(absl::StrCat(copy.string(), ": ", error.message()));
  return copy.string();
}

}  // namespace nasc::lsp
