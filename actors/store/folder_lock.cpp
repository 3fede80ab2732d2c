#include "actors/store/folder_lock.hpp"

#include "actors/store/store.hpp"

#include <fstream>

namespace observer {

folder_lock::folder_lock(const std::filesystem::path& folder) {
  auto file = folder / "observer.lock";
  try {
    std::filesystem::create_directories(folder);
    std::ofstream{file, std::ios::app}.flush(); // must exist to be locked
    lock_ = boost::interprocess::file_lock{file.c_str()};
  } catch (const std::exception& error) {
    throw store_error("data folder " + folder.string()
                      + " cannot be used: " + error.what());
  }
  if (!lock_.try_lock())
    throw store_error("data folder " + folder.string()
                      + " is in use by another observerd");
}

} // namespace observer
