// gpu_check FOLDER | --short: checks every device kernel against level 0 on the processor, times each against
// its floor, and writes FOLDER/gpu.json and FOLDER/gpu.md. --short checks alone, a few small pictures, for
// compute-sanitizer. Exit code 1 if anything is wrong.

#include "checks.hpp"
#include "device.hpp"
#include "timings.hpp"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iomanip>

namespace giflab::gpu_check {
namespace {

double floor_of(const timing &row, const machine_rates &rates) {
   return 1e6 * std::max(row.bytes / rates.copied_bytes, row.operations / rates.operations);
}

struct report {
   cudaDeviceProp device;
   int driver, runtime;
   check_report checks;
   machine_rates rates;
   std::vector<timing> timings;
};

void write_markdown(const report &all, std::ostream &out) {
   out << std::setprecision(4);
   out << "# " << all.device.name << "\n\n"
       << all.device.multiProcessorCount << " multiprocessors, compute capability " << all.device.major << "."
       << all.device.minor << ", driver for CUDA " << all.driver / 1000 << "." << all.driver % 1000 / 10
       << ", runtime " << all.runtime / 1000 << "." << all.runtime % 1000 / 10
       << ". Measured here: a copy moves " << all.rates.copied_bytes / 1e12
       << " TB/s (read and written), fused multiply-adds run at " << all.rates.operations / 1e12
       << " TFLOP/s in float.\n\n"
       << "## Values against level 0 on the processor\n\n"
       << "| output | pairs | largest difference | allowed |\n|---|---|---|---|\n";
   for (const checked_output &row : all.checks.outputs)
      out << "| " << row.output << " | " << row.pairs << " | " << row.largest_difference << " | " << row.allowed
          << " |\n";
   out << "\n## Time, pictures in device memory\n\n"
       << "The floor is what the bytes or the operations that cannot be avoided would take at the rates "
          "above.\n\n"
       << "| metric | picture | pairs in a launch | us a pair | floor us | share of the floor | pairs a second "
          "|\n"
       << "|---|---|---|---|---|---|---|\n";
   for (const timing &row : all.timings) {
      const double each = row.microseconds / row.pairs, floor = floor_of(row, all.rates) / row.pairs;
      out << "| " << row.metric << " | " << row.width << "x" << row.height << " | " << row.pairs << " | "
          << each << " | " << floor << " | " << 100 * floor / each << " % | " << 1e6 / each << " |\n";
   }
}

void write_json(const report &all, std::ostream &out) {
   out << std::setprecision(9) << "{\"device\": \"" << all.device.name
       << "\", \"copied_bytes_a_second\": " << all.rates.copied_bytes
       << ", \"operations_a_second\": " << all.rates.operations << ",\n \"checks\": [";
   for (size_t i = 0; i < all.checks.outputs.size(); ++i) {
      const checked_output &row = all.checks.outputs[i];
      out << (i ? ",\n  " : "\n  ") << "{\"output\": \"" << row.output << "\", \"pairs\": " << row.pairs
          << ", \"largest_difference\": " << row.largest_difference << ", \"allowed\": " << row.allowed << "}";
   }
   out << "],\n \"failures\": " << all.checks.failures.size() << ",\n \"timings\": [";
   for (size_t i = 0; i < all.timings.size(); ++i) {
      const timing &row = all.timings[i];
      out << (i ? ",\n  " : "\n  ") << "{\"metric\": \"" << row.metric << "\", \"width\": " << row.width
          << ", \"height\": " << row.height << ", \"pairs\": " << row.pairs
          << ", \"microseconds\": " << row.microseconds
          << ", \"floor_microseconds\": " << floor_of(row, all.rates) << "}";
   }
   out << "]}\n";
}

int run(bool whole, const std::string &folder) {
   report all = {};
   check(cudaGetDeviceProperties(&all.device, 0));
   check(cudaDriverGetVersion(&all.driver));
   check(cudaRuntimeGetVersion(&all.runtime));
   all.checks = check_everything(whole ? extent::whole_set : extent::short_set);
   for (const std::string &failure : all.checks.failures)
      std::printf("FAILED %s\n", failure.c_str());
   if (whole) {
      all.rates = measure_rates();
      all.timings = time_everything();
      std::ofstream markdown(folder + "/gpu.md"), json(folder + "/gpu.json");
      write_markdown(all, markdown);
      write_json(all, json);
      if (!markdown.flush() || !json.flush())
         throw std::runtime_error("cannot write into " + folder);
   }
   std::printf("%zu outputs checked, %zu failures\n", all.checks.outputs.size(), all.checks.failures.size());
   return all.checks.failures.empty() ? 0 : 1;
}

} // namespace
} // namespace giflab::gpu_check

int main(int count, char **arguments) {
   const bool whole = count < 2 || std::strcmp(arguments[1], "--short") != 0;
   if (count != 2) {
      std::fprintf(stderr, "usage: gpu_check --short | FOLDER\n");
      return 2;
   }
   try {
      return giflab::gpu_check::run(whole, arguments[1]);
   } catch (const std::exception &error) {
      std::fprintf(stderr, "gpu_check: %s\n", error.what());
      return 1;
   }
}
