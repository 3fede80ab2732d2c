#pragma once

#include <boost/interprocess/sync/file_lock.hpp>

#include <filesystem>

namespace observer {

/// Holds a data folder for this process: a second server on the same folder
/// would serve other rooms under the same ids. The kernel lets go of it
/// whatever way the process ends.
class folder_lock {
public:
  /// @param folder is made if it is not there.
  /// @throws store_error another process holds it, or it cannot be written
  explicit folder_lock(const std::filesystem::path& folder);

private:
  boost::interprocess::file_lock lock_;
};

} // namespace observer
