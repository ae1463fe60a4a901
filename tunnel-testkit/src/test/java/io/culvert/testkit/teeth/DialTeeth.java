package io.culvert.testkit.teeth;

import static io.culvert.testkit.teeth.Break.dials;
import static io.culvert.testkit.teeth.Break.ends;
import static io.culvert.testkit.teeth.Tooth.fails;
import static io.culvert.testkit.teeth.Tooth.hangs;
import static io.culvert.testkit.teeth.Tooth.tooth;

import io.culvert.testkit.RawServer;
import io.culvert.testkit.RawUpgrade;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a dialer makes of the upgrade's answer, and what it tells of the new WebSocket. */
final class DialTeeth {
  private static final Pattern PORT = Pattern.compile("\r\nLocation: \\w+://localhost:(\\d+)/");

  private DialTeeth() {}

  static List<Tooth> answers() {
    return List.of(
        tooth(
            "a redirect is followed",
            () -> dials(DialTeeth::dialFollowing),
            fails("UpgradeException to be thrown", "aRedirectIsNotFollowed")),
        tooth(
            "a refusal has no status",
            () -> dials(refusalsAs(0)),
            fails(
                "expected: <401> but was: <0>",
                "a401IsTheCallersAffair",
                "aRefusalMayCarryHeaders"),
            fails("expected: <302> but was: <0>", "aRefusalReachesTheDialerAsItsStatus"),
            fails("expected: <301> but was: <0>", "aRedirectIsNotFollowed"),
            fails("expected: <500> but was: <0>", "aHandlerThatThrowsIsAnsweredWith500"),
            fails("expected: <101> but was: <0>", "anAcceptorThatChoosesNoSubprotocolIsAnError")),
        tooth(
            "every refusal is a 500",
            () -> dials(refusalsAs(500)),
            fails("expected: <0> but was: <500>", "anAnswerThatIsNotHttpHasStatus0"),
            fails("expected: <200> but was: <500>", "a200IsNotAnUpgrade")),
        tooth(
            "a failed upgrade quotes its URL",
            () -> dials(DialTeeth::dialQuoting),
            fails("expected: <false> but was: <true>", "a401IsTheCallersAffair")),
        tooth(
            "a 101 is not checked",
            () -> dials(DialTeeth::dialUnchecked),
            fails(
                "UpgradeException to be thrown",
                "a101WithTheWrongKeyIsAnError",
                "aWronglyNegotiated101IsAnError",
                "anAcceptorThatChoosesNoSubprotocolIsAnError")),
        tooth(
            "a broken connection is a refusal",
            () -> dials(DialTeeth::dialRefused),
            fails(
                "expected: <false> but was: <true>",
                "refusedConnectionsAreIoErrors",
                "aServerThatHangsUpIsAnIoError")),
        tooth(
            "the time limit does not hold",
            () ->
                dials(
                    (adapter, request, listener) ->
                        adapter.dial(
                            BrokenDialer.with(
                                request,
                                request.subprotocol(),
                                Duration.ofHours(1),
                                request.maxMessageBytes()),
                            listener)),
            hangs("SocketTimeoutException", "aServerThatNeverAnswersEndsTheDialInTime")),
        tooth(
            "a time limit is any IOException",
            () ->
                dials(
                    (adapter, request, listener) -> {
                      try {
                        return adapter.dial(request, listener);
                      } catch (SocketTimeoutException e) {
                        throw new IOException(e.getMessage());
                      }
                    }),
            fails("SocketTimeoutException", "aServerThatNeverAnswersEndsTheDialInTime")),
        tooth(
            "an interrupt is any IOException",
            () ->
                dials(
                    (adapter, request, listener) -> {
                      try {
                        return adapter.dial(request, listener);
                      } catch (InterruptedIOException e) {
                        throw new IOException(e.getMessage());
                      }
                    }),
            fails("but was: <java.io.IOException>", "interruptingTheCallerEndsTheDial")),
        tooth(
            "an interrupted dial leaves its socket",
            () -> dials(DialTeeth::dialElsewhere),
            hangs("the socket is still open", "interruptingTheCallerEndsTheDial")),
        tooth(
            "there is one dial at a time",
            () -> {
              AtomicBoolean dialing = new AtomicBoolean();
              return dials(
                  (adapter, request, listener) -> {
                    if (!dialing.compareAndSet(false, true)) {
                      throw new IOException("the dialer is busy");
                    }
                    try {
                      return adapter.dial(request, listener);
                    } finally {
                      dialing.set(false);
                    }
                  });
            },
            fails("the dialer is busy", "manyDialsAtOnceAreAllServed")));
  }

  static List<Tooth> opened() {
    return List.of(
        tooth(
            "onOpen comes with the first message",
            () -> ends(LateOpen::new),
            fails("expected: <io.culvert", "onOpenHasRunWhenDialReturns"),
            fails(
                "Unexpected type",
                "whatComesWithThe101ArrivesAfterOnOpen",
                "whatComesWithTheRequestArrivesAfterOnOpen",
                "a101MayArriveAByteAtATime")),
        tooth(
            "the subprotocol is not known",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public String subprotocol() {
                            return "";
                          }
                        }),
            fails(
                "but was: <>",
                "bothEndsKnowWhatWasNegotiated",
                "withoutSubprotocolNoneIsNegotiated"),
            fails("but was: <>", "afterTheEndSendsFailAndEverythingElseDoesNothing")),
        tooth(
            "TLS is told where there is none, and the other way round",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public boolean secure() {
                            return !super.secure();
                          }
                        }),
            fails("expected: <false> but was: <true>", "bothEndsKnowWhatWasNegotiated"),
            fails("expected: <true> but was: <false>", "tlsCarriesEverythingAndSaysSo")),
        tooth(
            "the addresses are exchanged",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public SocketAddress localAddress() {
                            return super.remoteAddress();
                          }

                          @Override
                          public SocketAddress remoteAddress() {
                            return super.localAddress();
                          }
                        }),
            fails("expected: <", "bothEndsKnowWhatWasNegotiated")),
        tooth(
            "an address that is said to be missing is resolved",
            () ->
                new Break() {
                  @Override
                  Set<Feature> missing(Set<Feature> missing) {
                    return Set.of(Feature.ADDRESSES);
                  }
                },
            fails(
                "expected: <localhost/<unresolved>",
                "withoutAddressesTheDialerKnowsWhatTheUrlNames")));
  }

  static Break.Dial refusalsAs(int status) {
    return (adapter, request, listener) -> {
      try {
        return adapter.dial(request, listener);
      } catch (UpgradeException e) {
        throw new UpgradeException(status, "refused");
      }
    };
  }

  private static WebSocket dialFollowing(
      WebSocketDialer adapter, DialRequest request, WebSocketListener listener) throws IOException {
    try {
      return adapter.dial(request, listener);
    } catch (UpgradeException e) {
      try (Socket socket = new Socket("localhost", request.uri().getPort())) {
        RawUpgrade.request(socket);
        Matcher port = PORT.matcher(RawServer.readHead(socket.getInputStream()));
        if (!port.find()) {
          throw e;
        }
        URI uri = URI.create("ws://localhost:" + port.group(1));
        return adapter.dial(BrokenDialer.with(request, uri), listener);
      }
    }
  }

  private static WebSocket dialQuoting(
      WebSocketDialer adapter, DialRequest request, WebSocketListener listener) throws IOException {
    try {
      return adapter.dial(request, listener);
    } catch (UpgradeException e) {
      throw new UpgradeException(e.status(), e.getMessage() + " at " + request.uri());
    }
  }

  private static WebSocket dialUnchecked(
      WebSocketDialer adapter, DialRequest request, WebSocketListener listener) throws IOException {
    try {
      return adapter.dial(request, listener);
    } catch (UpgradeException e) {
      if (e.status() != 101) {
        throw e;
      }
      return new Between();
    }
  }

  static WebSocket dialRefused(
      WebSocketDialer adapter, DialRequest request, WebSocketListener listener) throws IOException {
    try {
      return adapter.dial(request, listener);
    } catch (UpgradeException e) {
      throw e;
    } catch (IOException e) {
      throw new UpgradeException(0, e.getMessage());
    }
  }

  /** The caller may leave; the dial goes on. */
  private static WebSocket dialElsewhere(
      WebSocketDialer adapter, DialRequest request, WebSocketListener listener) throws IOException {
    CompletableFuture<WebSocket> dialing = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                dialing.complete(adapter.dial(request, listener));
              } catch (IOException e) {
                dialing.completeExceptionally(e);
              }
            },
            "teeth-dial");
    thread.setDaemon(true);
    thread.start();
    try {
      return dialing.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while dialing");
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private static final class LateOpen extends Between {
    private boolean open;

    @Override
    void opened() {}

    @Override
    void received(boolean text, ByteBuffer message) {
      super.received(text, message);
      if (!open) {
        open = true;
        super.opened();
      }
    }
  }
}
