#include "tools/observerctl/top_model.hpp"

#include "tools/observerctl/graph.hpp"

#include <boost/json/parse.hpp>

#include <clocale>

#define CAF_SUITE tools.observerctl.top_model
#include "tests/test.hpp"

using namespace observer;
using std::chrono::seconds;

namespace {

struct fixture {
  top_model top;
  top_model::time_point now{seconds{1000}};

  static boost::json::object actor(int id, const char* kind, const char* name,
                                   int mailbox, int handled, int busy_us) {
    return {{"id", id},           {"kind", kind},       {"name", name},
            {"loop", 0},          {"mailbox", mailbox}, {"handled", handled},
            {"busy_us", busy_us}, {"state", "idle"},    {"watching", {1, 2}}};
  }

  void look(boost::json::array actors, int later = 2) {
    now += seconds{later};
    top.update(actors, now);
  }

  std::vector<std::uint64_t> ids(top_model::order by,
                                 std::string_view filter = {}) {
    std::vector<std::uint64_t> result;
    for (auto& x : top.rows(by, filter))
      result.push_back(x.id);
    return result;
  }
};

using id_list = std::vector<std::uint64_t>;
using order = top_model::order;

} // namespace

CAF_TEST_FIXTURE_SCOPE(top_model_tests, fixture)

CAF_TEST(rates are what happened between two looks) {
  look({actor(7, "room", "room 1000", 0, 100, 0)});
  auto once = top.rows(order::id, {});
  CAF_CHECK_EQUAL(once.front().rate, 0.0);
  CAF_CHECK(top.rates().empty());
  look({actor(7, "room", "room 1000", 3, 150, 500'000),
        actor(8, "session", "abc", 0, 10, 0)});
  auto rows = top.rows(order::id, {});
  CAF_CHECK_EQUAL(rows.at(0).rate, 25.0);
  CAF_CHECK_EQUAL(rows.at(0).cpu, 0.25);
  CAF_CHECK_EQUAL(rows.at(1).rate, 5.0);
  CAF_CHECK_EQUAL(top.rates().back(), 30.0);
  CAF_CHECK_EQUAL(top.kinds().at("room"), 1u);
}

CAF_TEST(rows are sorted and found) {
  look({actor(7, "room", "room 1000", 1, 0, 0),
        actor(8, "session", "abc", 5, 0, 0),
        actor(9, "hub", "loop 0", 3, 0, 0)});
  look({actor(7, "room", "room 1000", 1, 9, 100),
        actor(8, "session", "abc", 5, 3, 300),
        actor(9, "hub", "loop 0", 3, 6, 200)});
  CAF_CHECK_EQUAL(ids(order::mailbox), (id_list{8, 9, 7}));
  CAF_CHECK_EQUAL(ids(order::rate), (id_list{7, 9, 8}));
  CAF_CHECK_EQUAL(ids(order::cpu), (id_list{8, 9, 7}));
  CAF_CHECK_EQUAL(ids(order::id), (id_list{7, 8, 9}));
  CAF_CHECK_EQUAL(ids(order::id, "oo"), (id_list{7, 9}));
  CAF_CHECK_EQUAL(ids(order::id, "session"), (id_list{8}));
}

CAF_TEST(a line of blocks is as high as its values) {
  CAF_CHECK_EQUAL(sparkline({}, 5), "");
  CAF_CHECK_EQUAL(sparkline({0, 0}, 5), "▁▁");
  CAF_CHECK_EQUAL(sparkline({9, 0, 7, 3.5}, 3), "▁█▅");
}

CAF_TEST(texts are cut and filled to columns) {
  std::setlocale(LC_ALL, "C.UTF-8");
  CAF_CHECK_EQUAL(fit("abc", 5), "abc  ");
  CAF_CHECK_EQUAL(fit("abcdef", 3), "abc");
  CAF_CHECK_EQUAL(fit("é√", 3), "é√ ");
  CAF_CHECK_EQUAL(fit("日本", 3), "日 ");
  std::setlocale(LC_ALL, "C");
}

CAF_TEST(a graph has a node for each actor and an edge for each watch) {
  auto graph
    = to_graphviz(boost::json::array{actor(7, "room", "say \"hi\"", 0, 0, 0)});
  CAF_CHECK_EQUAL(graph, "digraph observer {\n  rankdir=LR;\n"
                         "  7 [shape=box, label=\"room say \\\"hi\\\"\"];\n"
                         "  7 -> 1;\n  7 -> 2;\n}\n");
}

CAF_TEST_FIXTURE_SCOPE_END()
