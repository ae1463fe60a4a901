package io.culvert.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/** What the demo prints: a line for each call, with its direction. Thread-safe. */
final class Transcript {
  private static final Duration MILLISECOND = Duration.ofMillis(1);

  private final PrintStream out;

  Transcript(PrintStream out) {
    this.out = out;
  }

  void heading(String text) {
    out.println();
    out.println(text);
  }

  void line(String text) {
    out.println("  " + text);
  }

  /** Prints each call of a client: direction, method, path, status, time to the response's head. */
  Interceptor calls(String direction) {
    return chain -> {
      Request request = chain.request();
      long start = System.nanoTime();
      try {
        Response response = chain.proceed(request);
        print(direction, request, String.valueOf(response.code()), start);
        return response;
      } catch (IOException e) {
        print(direction, request, "failed: " + e.getMessage(), start);
        throw e;
      }
    };
  }

  private void print(String direction, Request request, String outcome, long start) {
    String query = request.url().encodedQuery();
    String path = request.url().encodedPath() + (query == null ? "" : "?" + query);
    double millis = (double) (System.nanoTime() - start) / MILLISECOND.toNanos();
    line(
        String.format(
            Locale.ROOT,
            "%-20s  %-6s %-28s %s  %6.1f ms",
            direction,
            request.method(),
            path,
            outcome,
            millis));
  }
}
