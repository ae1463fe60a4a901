package io.culvert.testkit.teeth;

import static io.culvert.testkit.teeth.Break.upgrades;
import static io.culvert.testkit.teeth.Tooth.fails;
import static io.culvert.testkit.teeth.Tooth.hangs;
import static io.culvert.testkit.teeth.Tooth.hearsNothing;
import static io.culvert.testkit.teeth.Tooth.tooth;

import io.culvert.websocket.Feature;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.UpgradeRequest;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What an acceptor asks its handler, makes of the answer, and does as it starts and ends. */
final class AcceptTeeth {
  private AcceptTeeth() {}

  static List<Tooth> upgrading() {
    return List.of(
        tooth(
            "names of headers are case-sensitive",
            () ->
                upgrades(
                    (handler, request) ->
                        handler.onUpgrade(
                            new Request(request) {
                              @Override
                              public String header(String name) {
                                return name.equals("x-CUSTOM") ? null : super.header(name);
                              }
                            })),
            fails("but was: <[/a%20b?x=1&y, null", "theHandlerSeesTheRequest")),
        tooth(
            "the target is decoded",
            () ->
                upgrades(
                    (handler, request) ->
                        handler.onUpgrade(
                            new Request(request) {
                              @Override
                              public String target() {
                                return URI.create(super.target()).getPath();
                              }
                            })),
            fails("but was: <[/a b, value", "theHandlerSeesTheRequest")),
        tooth(
            "a handler that throws refuses with 403",
            () ->
                upgrades(
                    (handler, request) -> {
                      try {
                        return handler.onUpgrade(request);
                      } catch (RuntimeException e) {
                        return new Upgrade.Refuse(403, "no");
                      }
                    }),
            fails("expected: <500> but was: <403>", "aHandlerThatThrowsIsAnsweredWith500")),
        tooth(
            "a refusal with headers is an error of the server",
            () -> refusals(refuse -> new Upgrade.Refuse(500, refuse.reason())),
            fails("expected: <401> but was: <500>", "aRefusalMayCarryHeaders"),
            fails("HTTP/1.1 500", "aRefusalCarriesItsHeadersAndReason")),
        tooth(
            "a refusal loses its headers",
            () -> refusals(refuse -> new Upgrade.Refuse(refuse.status(), refuse.reason())),
            fails("HTTP/1.1 401", "aRefusalCarriesItsHeadersAndReason")),
        tooth(
            "a refusal loses its reason",
            () -> refusals(refuse -> new Upgrade.Refuse(refuse.status(), "", refuse.headers())),
            fails("WWW-Authenticate: Bearer", "aRefusalCarriesItsHeadersAndReason")));
  }

  static List<Tooth> listening() {
    return List.of(
        tooth(
            "to stop listening closes",
            () ->
                acceptors(
                    adapter ->
                        new Acceptor(adapter) {
                          @Override
                          public void stopListening() {
                            close();
                          }
                        }),
            fails("Unexpected type", "anAcceptorThatStoppedListeningKeepsItsWebSockets")),
        tooth(
            "to stop listening does nothing",
            () ->
                acceptors(
                    adapter ->
                        new Acceptor(adapter) {
                          @Override
                          public void stopListening() {}
                        }),
            fails("IOException to be thrown", "anAcceptorThatStoppedListeningKeepsItsWebSockets")),
        tooth(
            "to close only stops listening",
            () ->
                acceptors(
                    adapter ->
                        new Acceptor(adapter) {
                          @Override
                          public void close() {
                            stopListening();
                          }
                        }),
            hearsNothing("closingTheAcceptorAbortsItsWebSockets")),
        tooth(
            "to close does nothing",
            () ->
                acceptors(
                    adapter ->
                        new Acceptor(adapter) {
                          @Override
                          public void close() {}
                        }),
            fails("IOException to be thrown", "refusedConnectionsAreIoErrors")),
        tooth(
            "a second start is ignored",
            () ->
                acceptors(
                    adapter ->
                        new Acceptor(adapter) {
                          private boolean started;

                          @Override
                          public void start(UpgradeHandler handler) throws IOException {
                            if (!started) {
                              started = true;
                              super.start(handler);
                            }
                          }
                        }),
            fails("IllegalStateException to be thrown", "anAcceptorIsStartedOnce")),
        tooth(
            "there is an address before the start",
            () ->
                acceptors(
                    adapter ->
                        new Acceptor(adapter) {
                          private boolean started;

                          @Override
                          public void start(UpgradeHandler handler) throws IOException {
                            super.start(handler);
                            started = true;
                          }

                          @Override
                          public InetSocketAddress address() {
                            return started ? super.address() : new InetSocketAddress(0);
                          }
                        }),
            fails("IllegalStateException to be thrown", "anAcceptorIsStartedOnce")),
        tooth(
            "an address that cannot be bound is not named",
            () ->
                acceptors(
                    adapter ->
                        new Acceptor(adapter) {
                          @Override
                          public void start(UpgradeHandler handler) throws IOException {
                            try {
                              super.start(handler);
                            } catch (IOException e) {
                              throw new IOException("address in use");
                            }
                          }
                        }),
            fails("expected: <true> but was: <false>", "anAddressInUseIsNamed")),
        tooth(
            "the time limit of upgrades does not hold",
            () ->
                new Break() {
                  @Override
                  WebSocketAcceptor.Limits limits(WebSocketAcceptor.Limits limits) {
                    return new WebSocketAcceptor.Limits(
                        limits.maxMessageBytes(), Duration.ofHours(1));
                  }
                },
            hangs("Read timed out", "aDialerThatNeverAsksIsDroppedInTime")));
  }

  private static Break refusals(UnaryOperator<Upgrade.Refuse> change) {
    return upgrades(
        (handler, request) -> {
          Upgrade answer = handler.onUpgrade(request);
          return answer instanceof Upgrade.Refuse refuse ? change.apply(refuse) : answer;
        });
  }

  private static Break acceptors(UnaryOperator<WebSocketAcceptor> broken) {
    return new Break() {
      @Override
      WebSocketAcceptor acceptor(WebSocketAcceptor adapter) {
        return broken.apply(adapter);
      }
    };
  }

  /** Passes everything on. */
  private static class Acceptor implements WebSocketAcceptor {
    private final WebSocketAcceptor adapter;

    Acceptor(WebSocketAcceptor adapter) {
      this.adapter = adapter;
    }

    @Override
    public void start(UpgradeHandler handler) throws IOException {
      adapter.start(handler);
    }

    @Override
    public InetSocketAddress address() {
      return adapter.address();
    }

    @Override
    public Set<Feature> missing() {
      return adapter.missing();
    }

    @Override
    public void stopListening() {
      adapter.stopListening();
    }

    @Override
    public void close() {
      adapter.close();
    }
  }

  /** Passes everything on. */
  private static class Request implements UpgradeRequest {
    private final UpgradeRequest adapter;

    Request(UpgradeRequest adapter) {
      this.adapter = adapter;
    }

    @Override
    public String target() {
      return adapter.target();
    }

    @Override
    public String header(String name) {
      return adapter.header(name);
    }

    @Override
    public List<String> subprotocols() {
      return adapter.subprotocols();
    }

    @Override
    public SocketAddress remoteAddress() {
      return adapter.remoteAddress();
    }

    @Override
    public boolean secure() {
      return adapter.secure();
    }
  }
}
