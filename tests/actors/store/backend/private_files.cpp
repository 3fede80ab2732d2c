#include "actors/store/backend/private_files.hpp"

#include "tests/actors/store/backend/support.hpp"

#include <fstream>
#include <sys/stat.h>

#define CAF_SUITE actors.store.backend.private_files
#include "tests/test.hpp"

using namespace observer;
namespace fs = std::filesystem;

namespace {

/// What a careless system has: everybody may look.
struct fixture : store_tests::temporary_folder {
  ::mode_t before = ::umask(0);

  ~fixture() {
    ::umask(before);
  }

  static unsigned rights(const fs::path& file) {
    return static_cast<unsigned>(fs::status(file).permissions());
  }

  static fs::path write(const fs::path& file, unsigned rights) {
    std::ofstream{file} << "content";
    fs::permissions(file, fs::perms{rights});
    return file;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(private_files_tests, fixture)

CAF_TEST(what is made is for the owner alone) {
  make_private_folder(path / "a" / "b");
  CAF_CHECK_EQUAL(rights(path / "a" / "b"), 0700u);
  make_private_file(path / "file");
  CAF_CHECK_EQUAL(rights(path / "file"), 0600u);
}

CAF_TEST(what is there is taken from others and keeps its content) {
  auto file = write(path / "file", 0644);
  make_private_file(file);
  CAF_CHECK_EQUAL(rights(file), 0600u);
  CAF_CHECK_EQUAL(fs::file_size(file), 7u);
  CAF_MESSAGE("what the owner may not, stays so");
  make_private_file(write(path / "read-only", 0444));
  CAF_CHECK_EQUAL(rights(path / "read-only"), 0400u);
  fs::create_directory(path / "data");
  fs::permissions(path / "data", fs::perms{0755});
  make_private_folder(path / "data");
  CAF_CHECK_EQUAL(rights(path / "data"), 0700u);
}

CAF_TEST(a folder that others write to is theirs as well) {
  fs::create_directory(path / "shared");
  fs::permissions(path / "shared", fs::perms{01777});
  make_private_folder(path / "shared");
  CAF_CHECK_EQUAL(rights(path / "shared"), 01777u);
}

CAF_TEST(a folder that cannot be made is an error) {
  auto refused = false;
  try {
    make_private_folder(write(path / "file", 0600) / "data");
  } catch (const fs::filesystem_error&) {
    refused = true;
  }
  CAF_CHECK(refused);
}

CAF_TEST_FIXTURE_SCOPE_END()
