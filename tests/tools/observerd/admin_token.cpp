#include "tools/observerd/admin_token.hpp"

#include "tests/full_disk.hpp"

#include <fstream>
#include <system_error>
#include <unistd.h>

#define CAF_SUITE tools.observerd.admin_token
#include "tests/test.hpp"

using namespace observer;
using std::filesystem::perms;

namespace {

struct fixture {
  std::filesystem::path file = std::filesystem::temp_directory_path()
                               / ("admin.token." + std::to_string(::getpid()));

  ~fixture() {
    std::filesystem::remove(file);
  }

  [[nodiscard]] std::string content() const {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  [[nodiscard]] bool is_refused() const {
    try {
      static_cast<void>(make_admin_token(file));
      return false;
    } catch (const std::system_error&) {
      return true;
    }
  }

  [[nodiscard]] perms permissions() const {
    return std::filesystem::status(file).permissions();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(admin_token_tests, fixture)

CAF_TEST(the token stands in a file that its owner alone can read) {
  auto token = make_admin_token(file);
  CAF_CHECK_EQUAL(token.size(), 22u);
  CAF_CHECK_EQUAL(content(), token + "\n");
  CAF_CHECK(permissions() == (perms::owner_read | perms::owner_write));
}

CAF_TEST(each start makes a new token) {
  CAF_CHECK_NOT_EQUAL(make_admin_token(file), make_admin_token(file));
}

CAF_TEST(a file that is open to others is not written to but replaced) {
  std::ofstream{file} << "somebody else's";
  std::filesystem::permissions(file, perms::all);
  auto token = make_admin_token(file);
  CAF_CHECK_EQUAL(content(), token + "\n");
  CAF_CHECK(permissions() == (perms::owner_read | perms::owner_write));
}

CAF_TEST(a link to another file is replaced as well) {
  auto other = file;
  other += ".other";
  std::ofstream{other} << "kept";
  std::filesystem::create_symlink(other, file);
  static_cast<void>(make_admin_token(file));
  CAF_CHECK(!std::filesystem::is_symlink(file));
  CAF_CHECK_EQUAL(std::filesystem::file_size(other), 4u);
  std::filesystem::remove(other);
}

CAF_TEST(a file that cannot be written is an error that names it) {
  try {
    static_cast<void>(make_admin_token("/no/such/folder/admin.token"));
    CAF_FAIL("it was written");
  } catch (const std::system_error& error) {
    CAF_CHECK(std::string_view{error.what()}.find("/no/such/folder")
              != std::string_view::npos);
  }
}

CAF_TEST(on a full disk the token of the last start stays) {
  auto token = make_admin_token(file);
  full_disk full{0};
  CAF_CHECK_EQUAL(make_admin_token(file), token);
  CAF_CHECK_EQUAL(content(), token + "\n");
}

CAF_TEST(on a full disk a token that others could read does not stay) {
  static_cast<void>(make_admin_token(file));
  std::filesystem::permissions(file, perms::others_read,
                               std::filesystem::perm_options::add);
  full_disk full{0};
  CAF_CHECK(is_refused());
  CAF_MESSAGE("nor what is no token");
  std::filesystem::remove(file);
  CAF_CHECK(is_refused());
}

CAF_TEST_FIXTURE_SCOPE_END()
