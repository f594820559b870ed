// Delivers CloudTrail records as an organisation trail does: per account and Region a gzipped file
// every five minutes (fifteen where little happens), named after the time it was delivered.
//
// Layout: AWSLogs/<organisation>/<account>/CloudTrail/<region>/YYYY/MM/DD/
//         <account>_CloudTrail_<region>_<YYYYMMDDTHHmmZ>_<16 characters>.json.gz
// Source: CloudTrail user guide, "Finding your CloudTrail log files", "log file name format".
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "simulate/log_files.h"
#include "simulate/world.h"

namespace yagura::simulate {

class Delivery {
  public:
    Delivery(const World& world, LogFiles& files) : world_(world), files_(files) {}

    // Takes one record. `region` is where it was recorded; global services record in us-east-1.
    void add(const Account& account,
             std::string_view region,
             Timestamp time,
             std::string_view record);

    // Hands over the files that no record at or after `time` can belong to.
    void deliver_before(Timestamp time);
    void deliver_all();

    uint64_t records() const { return records_; }

  private:
    struct Parcel {
        const Account* account;
        std::string text;
        struct Record {
            Timestamp time;
            size_t offset, size;
        };
        std::vector<Record> records;
    };
    // Delivery time, then account and Region: the order files are written in.
    using Key = std::tuple<Timestamp, std::string, std::string>;

    void send(const Key& key, Parcel& parcel);

    const World& world_;
    LogFiles& files_;
    std::map<Key, Parcel> parcels_;
    uint64_t records_ = 0;
};

// "/YYYY/MM/DD/" and "YYYYMMDDTHHmmZ", as every AWS log file name has them.
std::string folder_of_day(Timestamp time);
std::string stamp_of_minute(Timestamp time);

}  // namespace yagura::simulate
