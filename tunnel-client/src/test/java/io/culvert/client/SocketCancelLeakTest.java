package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.Await;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ten thousand cancelled calls leave behind: no stream, no thread, no memory. */
@Timeout(300)
class SocketCancelLeakTest {
  private static final int AT_ONCE = 10;

  /** After these everything that is made once is there: classes, pools, compiled code. */
  private static final int WARM_UP = 1_000;

  private static final int CANCELS = 9_000;

  /** A leak of a thousand bytes for each cancel would show. */
  private static final long HEAP_SLACK = 8L << 20;

  private final ExecutorService callers =
      Executors.newFixedThreadPool(AT_ONCE, task -> new Thread(task, "cancelled-caller"));
  private final Endless endless = new Endless();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsLeftOfCancelledCalls(boolean dialerCalls) throws Exception {
    try (SocketTunnel tunnel = dialerCalls ? SocketTunnel.up() : SocketTunnel.down()) {
      tunnel.callee().serve(endless);
      OkHttpClient http = new OkHttpClient.Builder().addInterceptor(tunnel.caller()).build();
      cancel(http, WARM_UP);
      awaitNothingOpen(tunnel);
      long heapBefore = Heap.live();
      long threadsBefore = threads();

      cancel(http, CANCELS);

      awaitNothingOpen(tunnel);
      assertTrue(
          threads() <= threadsBefore + AT_ONCE, threads() + " threads, before " + threadsBefore);
      long growth = Heap.live() - heapBefore;
      assertTrue(growth < HEAP_SLACK, "the heap has grown by " + growth + " bytes");
    } finally {
      callers.shutdownNow();
      assertTrue(callers.awaitTermination(30, TimeUnit.SECONDS));
    }
  }

  private void cancel(OkHttpClient http, int count) throws Exception {
    for (int i = 0; i < count; i += AT_ONCE) {
      List<Call> calls = new ArrayList<>();
      List<Future<Boolean>> failures = new ArrayList<>();
      for (int j = 0; j < AT_ONCE; j++) {
        Call call = http.newCall(new Request.Builder().url("http://peer.test/").build());
        calls.add(call);
        failures.add(callers.submit(() -> fails(call)));
      }
      endless.started.acquire(AT_ONCE);
      calls.forEach(Call::cancel);
      for (Future<Boolean> failure : failures) {
        assertEquals(true, failure.get());
      }
      endless.failed.acquire(AT_ONCE);
    }
  }

  private static boolean fails(Call call) {
    try (Response response = call.execute()) {
      response.body().byteStream().transferTo(java.io.OutputStream.nullOutputStream());
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** Both sides forget the streams, and the replay buffers empty as the last bytes are acked. */
  private static void awaitNothingOpen(SocketTunnel tunnel) {
    Await.until(
        "no stream or byte is held", () -> tunnel.openStreams() == 0 && tunnel.replayBytes() == 0);
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream().filter(Thread::isAlive).count();
  }

  private static final class Endless extends HttpServlet {
    private static final long serialVersionUID = 1;
    final transient Semaphore started = new Semaphore(0);
    final transient Semaphore failed = new Semaphore(0);

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) {
      started.release();
      try {
        while (true) {
          response.getOutputStream().write(new byte[1000]);
          response.flushBuffer();
        }
      } catch (IOException e) {
        failed.release();
      }
    }
  }
}
