#pragma once

#include "actors/store/backend/sqlite_store.hpp"

#include <filesystem>
#include <stdlib.h>

namespace observer::store_tests {

/// A folder of its own for each test, gone with it.
struct temporary_folder {
  std::filesystem::path path;

  temporary_folder() {
    auto name
      = (std::filesystem::temp_directory_path() / "observer-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }

  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
};

} // namespace observer::store_tests
