package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** One exchange at a time, in one direction: what callers and servers are told of it. */
class SwaggerExchangeTest extends HttpSuite {
  private SwaggerTunnel swagger;

  @Override
  protected HttpTunnel connect() throws Exception {
    swagger = SwaggerTunnel.open();
    return swagger;
  }

  @Test
  void aCorrelationIdIsAddedIfMissingAndComesBack() throws Exception {
    serve(
        "/id",
        (request, response) -> response.getWriter().print(request.getHeader("X-Correlation-Id")));
    try (Response response = get("/id")) {
      String id = response.body().string();
      assertEquals(36, id.length(), id);
      assertEquals(id, response.header("X-Correlation-Id"));
    }
    Request own = request("/id").header("X-Correlation-Id", "mine").build();
    try (Response response = client().newCall(own).execute()) {
      assertEquals("mine", response.body().string());
      assertEquals("mine", response.header("X-Correlation-Id"));
    }
  }

  @Test
  void aCallThatWaitsTooLongForItsTurnSaysSo() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    serve(
        "/slow",
        (request, response) -> {
          entered.countDown();
          release.await();
          response.getWriter().print("slow");
        });
    serve("/quick", (request, response) -> response.getWriter().print("quick"));
    Future<String> slow = threads.submit(() -> text(get("/slow")));
    entered.await();
    OkHttpClient hasty = client().newBuilder().connectTimeout(Duration.ofMillis(50)).build();
    Request quick = request("/quick").build();
    TunnelException e = assertThrows(TunnelException.class, () -> hasty.newCall(quick).execute());
    assertTrue(e.getMessage().contains("swaggersocket carries one call at a time"), "" + e);
    assertEquals(Delivered.NO, e.delivered());
    OkHttpClient waiting = client().newBuilder().connectTimeout(Duration.ofMinutes(10)).build();
    Future<String> patient = threads.submit(() -> text(waiting.newCall(quick).execute()));
    release.countDown();
    assertEquals("slow", slow.get());
    assertEquals("quick", patient.get());
  }

  @Test
  void aSideThatServesCannotCall() throws Exception {
    serve("/", (request, response) -> {});
    client();
    TunnelException e =
        assertThrows(
            TunnelException.class, () -> swagger.server().open(Map.of(), Duration.ofSeconds(30)));
    assertEquals(ErrorCode.REFUSED, e.code());
    assertEquals(Delivered.NO, e.delivered());
    assertTrue(e.getMessage().contains("this side serves, so it cannot call"), e.getMessage());
  }

  @Test
  void aSideThatHasServedCannotCallAfterwards() throws Exception {
    serve("/", (request, response) -> {});
    get("/").close();
    swagger.server().streamHandler(null);
    TunnelException e =
        assertThrows(TunnelException.class, () -> swagger.server().open(Map.of(), Duration.ZERO));
    assertEquals(ErrorCode.REFUSED, e.code());
  }

  @Test
  void aSideThatCallsCannotServe() throws Exception {
    serve("/", (request, response) -> response.getWriter().print("fine"));
    assertEquals("fine", text(get("/")));
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> swagger.caller().streamHandler(stream -> {}));
    assertTrue(e.getMessage().contains("this side calls, so it cannot serve"), e.getMessage());
    swagger.caller().streamHandler(null);
    assertEquals("fine", text(get("/")));
  }

  @Test
  void aCallThatWaitsForItsTurnFailsWhenTheConnectionEnds() throws Exception {
    Thread waiting = Thread.currentThread();
    swagger.caller().open(Map.of(), Duration.ZERO);
    Future<?> abort =
        threads.submit(
            () -> {
              await(() -> waiting.getState() == Thread.State.TIMED_WAITING);
              swagger.caller().abort("for the test");
              return null;
            });
    TunnelException e =
        assertThrows(
            TunnelException.class, () -> swagger.caller().open(Map.of(), Duration.ofMinutes(10)));
    assertEquals(ErrorCode.ABORTED, e.code());
    assertEquals(Delivered.NO, e.delivered());
    abort.get();
  }

  @Test
  void drainLetsTheRunningCallFinishAndTakesNoOther() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    serve(
        "/slow",
        (request, response) -> {
          entered.countDown();
          release.await();
          response.getWriter().print("slow");
        });
    Future<String> slow = threads.submit(() -> text(get("/slow")));
    entered.await();
    swagger.caller().drain("test");
    TunnelException e = assertThrows(TunnelException.class, () -> get("/slow"));
    assertEquals(ErrorCode.GOING_AWAY, e.code());
    assertFalse(swagger.caller().awaitIdle(Duration.ZERO));
    release.countDown();
    assertEquals("slow", slow.get());
    assertTrue(swagger.caller().awaitIdle(Duration.ofSeconds(30)));
  }

  @Test
  void anUpgradeIsRefusedBeforeAnythingIsSent() throws Exception {
    serve("/", (request, response) -> {});
    Request upgrade = request("/").header("Upgrade", "websocket").build();
    TunnelException e =
        assertThrows(TunnelException.class, () -> client().newCall(upgrade).execute());
    assertEquals(Delivered.NO, e.delivered());
  }
}
