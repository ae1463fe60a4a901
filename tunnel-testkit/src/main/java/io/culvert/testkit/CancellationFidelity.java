package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** A call that its caller gives up is over on both sides, and nothing of it stays behind. */
public abstract class CancellationFidelity extends HttpSuite {

  /** How many calls the leak test cancels. */
  protected int cancels() {
    return 300;
  }

  @Test
  void cancelFailsTheServletsWrites() throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    serve("/endless", (request, response) -> failure.complete(writeUntilItFails(response)));
    Call call = client().newCall(request("/endless").build());
    try (Response response = call.execute()) {
      assertTrue(response.body().byteStream().read() >= 0);
      call.cancel();
      assertInstanceOf(IOException.class, failure.get());
      assertThrows(IOException.class, () -> response.body().bytes());
    }
    await(() -> tunnel.openStreams() == 0);
  }

  @Test
  void closingAResponseHalfReadFailsTheServletsWrites() throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    serve("/endless", (request, response) -> failure.complete(writeUntilItFails(response)));
    Response response = get("/endless");
    assertTrue(response.body().byteStream().read() >= 0);
    response.close();
    assertInstanceOf(IOException.class, failure.get());
    await(() -> tunnel.openStreams() == 0);
  }

  @Test
  void cancelFailsTheServletsReads() throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    CountDownLatch reading = new CountDownLatch(1);
    serve(
        "/sink",
        (request, response) -> {
          assertEquals(1, request.getInputStream().read());
          reading.countDown();
          failure.complete(
              assertThrows(IOException.class, () -> request.getInputStream().readAllBytes()));
        });
    RequestBody body = StreamingFidelity.body(sink -> oneByteAndThenNothing(sink));
    Call call = client().newCall(request("/sink").post(body).build());
    Future<Response> response = threads.submit(call::execute);
    reading.await();
    call.cancel();
    assertInstanceOf(IOException.class, failure.get());
    stopWriting.release();
    assertThrows(ExecutionException.class, response::get);
    await(() -> tunnel.openStreams() == 0);
  }

  private final Semaphore stopWriting = new Semaphore(0);

  private void oneByteAndThenNothing(okio.BufferedSink sink) throws IOException {
    sink.writeByte(1).flush();
    stopWriting.acquireUninterruptibly();
    sink.writeByte(2).flush();
  }

  @Test
  void cancelOfABlockedUploadReachesTheServlet() throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    serve(
        "/slow",
        (request, response) -> {
          entered.countDown();
          cancelled.await();
          failure.complete(
              assertThrows(IOException.class, () -> request.getInputStream().readAllBytes()));
        });
    Semaphore blocks = new Semaphore(0);
    RequestBody endless =
        StreamingFidelity.body(
            sink -> {
              while (true) {
                sink.write(new byte[8192]).flush();
                blocks.release();
              }
            });
    Call call = client().newCall(request("/slow").post(endless).build());
    Future<Response> response = threads.submit(call::execute);
    entered.await();
    // Until the window is full: no further block goes out.
    while (blocks.tryAcquire(200, TimeUnit.MILLISECONDS)) {}
    call.cancel();
    assertThrows(ExecutionException.class, response::get);
    cancelled.countDown();
    assertInstanceOf(IOException.class, failure.get());
    await(() -> tunnel.openStreams() == 0);
  }

  @Test
  void cancelReachesAnAsynchronousServletThatDoesNothing() throws Exception {
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    Semaphore waiting = new Semaphore(0);
    serve("/wait", (request, response) -> waitAsynchronously(request, failures, waiting));
    // Often, because the cancel may meet the servlet just before it returns from its thread.
    for (int i = 0; i < 50; i++) {
      Request.Builder request = request("/wait");
      if (i % 2 == 1) {
        request.post(RequestBody.create(new byte[100_000]));
      }
      Call call = client().newCall(request.build());
      Future<Response> response = threads.submit(call::execute);
      waiting.acquire();
      call.cancel();
      assertThrows(ExecutionException.class, response::get);
      assertInstanceOf(IOException.class, failures.take());
    }
    await(() -> tunnel.openStreams() == 0);
  }

  private static void waitAsynchronously(
      HttpServletRequest request, BlockingQueue<Throwable> failures, Semaphore waiting)
      throws IOException {
    request.getInputStream().readAllBytes();
    AsyncContext context = request.startAsync();
    context.setTimeout(0);
    context.addListener(
        new AsyncListener() {
          @Override
          public void onComplete(AsyncEvent event) {}

          @Override
          public void onTimeout(AsyncEvent event) {}

          @Override
          public void onError(AsyncEvent event) {
            failures.add(event.getThrowable());
            context.complete();
          }

          @Override
          public void onStartAsync(AsyncEvent event) {}
        });
    waiting.release();
  }

  @Test
  void readTimeoutFiresAndTheNextCallWorks() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    serve("/never", (request, response) -> release.await());
    serve("/fine", (request, response) -> response.getWriter().print("fine"));
    OkHttpClient impatient = client().newBuilder().readTimeout(Duration.ofMillis(100)).build();
    assertThrows(
        SocketTimeoutException.class, () -> impatient.newCall(request("/never").build()).execute());
    assertEquals("fine", text(get("/fine")));
    release.countDown();
  }

  @Test
  void writeTimeoutFires() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    serve("/never", (request, response) -> release.await());
    OkHttpClient impatient = client().newBuilder().writeTimeout(Duration.ofMillis(100)).build();
    RequestBody large = RequestBody.create(new byte[32 << 20]);
    assertThrows(
        SocketTimeoutException.class,
        () -> impatient.newCall(request("/never").post(large).build()).execute());
    release.countDown();
  }

  @Test
  void callTimeoutFiresInTheMiddleOfAResponse() throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    CountDownLatch entered = new CountDownLatch(1);
    serve(
        "/endless",
        (request, response) -> {
          entered.countDown();
          failure.complete(writeUntilItFails(response));
        });
    OkHttpClient impatient = client().newBuilder().callTimeout(Duration.ofMillis(300)).build();
    // On a busy machine the time may be over before the servlet has begun.
    do {
      assertThrows(
          InterruptedIOException.class,
          () -> {
            try (Response response = impatient.newCall(request("/endless").build()).execute()) {
              response.body().byteStream().transferTo(java.io.OutputStream.nullOutputStream());
            }
          });
    } while (entered.getCount() > 0);
    assertInstanceOf(IOException.class, failure.get());
  }

  /** The notice that the caller has gone must not get in the way of a write that begins. */
  @Test
  void cancelMeetsAWriteOfAnotherThreadOfTheServlet() throws Exception {
    Semaphore started = new Semaphore(0);
    Semaphore failed = new Semaphore(0);
    serve(
        "/async",
        (request, response) -> {
          AsyncContext async = request.startAsync();
          threads.execute(
              () -> {
                started.release();
                writeUntilItFails(response);
                failed.release();
                async.complete();
              });
        });
    for (int i = 0; i < cancels() / 10; i++) {
      Call call = client().newCall(request("/async").build());
      Future<?> ended = threads.submit(() -> drain(call));
      started.acquire();
      call.cancel();
      ended.get();
      failed.acquire();
    }
    await(() -> tunnel.openStreams() == 0);
  }

  @Test
  void nothingIsLeftAfterManyCancels() throws Exception {
    Semaphore started = new Semaphore(0);
    Semaphore failed = new Semaphore(0);
    serve(
        "/endless",
        (request, response) -> {
          started.release();
          writeUntilItFails(response);
          failed.release();
        });
    int atOnce = 10;
    for (int i = 0; i < cancels(); i += atOnce) {
      List<Call> calls = new ArrayList<>();
      List<Future<?>> ended = new ArrayList<>();
      for (int j = 0; j < atOnce; j++) {
        Call call = client().newCall(request("/endless").build());
        calls.add(call);
        ended.add(threads.submit(() -> drain(call)));
      }
      started.acquire(atOnce);
      calls.forEach(Call::cancel);
      for (Future<?> end : ended) {
        end.get();
      }
      failed.acquire(atOnce);
    }
    await(() -> tunnel.openStreams() == 0);
  }

  private static void drain(Call call) {
    assertThrows(
        IOException.class,
        () -> {
          try (Response response = call.execute()) {
            response.body().byteStream().transferTo(java.io.OutputStream.nullOutputStream());
          }
        });
  }

  private static Throwable writeUntilItFails(HttpServletResponse response) {
    return assertThrows(
        IOException.class,
        () -> {
          while (true) {
            response.getOutputStream().write(new byte[1000]);
            response.flushBuffer();
          }
        });
  }
}
