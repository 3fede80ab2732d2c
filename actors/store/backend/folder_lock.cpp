#include "actors/store/backend/folder_lock.hpp"

#include "actors/store/backend/private_files.hpp"
#include "actors/store/backend/store.hpp"

namespace observer {

folder_lock::folder_lock(const std::filesystem::path& folder) {
  auto file = folder / "observer.lock";
  try {
    make_private_folder(folder);
    make_private_file(file); // must exist to be locked
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
