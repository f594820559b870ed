// The vocabulary of simulated events: what a request names, and templates that name it.
//
//   const Template request(R"({"bucketName":"$bucket","key":"$key"})");
//   Scene scene{random, account, site, time};
//   scene.bind(Slot::bucket, "customer-exports");        // optional: the scenario's own choice
//   request.append(out, scene);
//
// A Scene is one event: the values it chose stay chosen until next(). Not thread-safe.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "simulate/random.h"

namespace yagura::simulate {

enum class Slot : uint8_t {
#define SLOT(name, home, stock) name,
#include "simulate/slots.def"
#undef SLOT
    count_
};
constexpr size_t kSlots = static_cast<size_t>(Slot::count_);

enum class Home : uint8_t { site, account, once, fresh };

// Finds a slot by its name; Slot::count_ when there is none.
Slot slot_named(std::string_view name);

using Stock = std::array<std::vector<std::string>, kSlots>;

// One account in one Region.
struct Site {
    std::string region;
    Stock stock;
    std::vector<std::string> nat_addresses;  // public addresses its private subnets appear from
    std::string vpc_endpoint;
};

struct Account {
    std::string id;
    std::string name;
    double weight = 1;  // how busy, relative to the busiest
    Stock stock;
    std::vector<Site> sites;  // the first is its home Region
};

class Scene {
  public:
    Scene(Random& random, const Account& account, const Site& site, Timestamp time)
        : random_(random), account_(&account), site_(&site), time_(time) {}

    // Forgets the values of the last event.
    void next(Timestamp time) {
        time_ = time;
        chosen_.reset();
    }
    void bind(Slot slot, std::string value);

    // The value of a slot in this event, chosen at first sight.
    const std::string& value(Slot slot);
    void append(std::string& out, Slot slot);

    Random& random() { return random_; }
    const Account& account() const { return *account_; }
    const Site& site() const { return *site_; }
    Timestamp time() const { return time_; }

  private:
    Random& random_;
    const Account* account_;
    const Site* site_;
    Timestamp time_;
    std::bitset<kSlots> chosen_;
    std::array<std::string, kSlots> values_;
};

// Text with $names of slots in it. The text must outlive the template (it is a literal in a table).
// An unknown name is our own mistake and stays in the text, where a test finds it.
class Template {
  public:
    explicit Template(std::string_view text);
    void append(std::string& out, Scene& scene) const;

  private:
    struct Piece {
        std::string_view literal;
        Slot slot;  // after the literal; Slot::count_ for none
    };
    std::vector<Piece> pieces_;
};

// The id AWS gave a role ("AROA") or user ("AIDA") when it was created: the same for the same name.
std::string lasting_id(std::string_view prefix, const Account& account, std::string_view name);

// Fills the stocks of an account or of a site; `scale` multiplies how many of each there are.
void fill_account(Account& account, Random random, double scale);
void fill_site(Site& site, const Account& account, Random random, double scale);

}  // namespace yagura::simulate
