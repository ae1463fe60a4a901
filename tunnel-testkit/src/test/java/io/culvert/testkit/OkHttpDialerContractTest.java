package io.culvert.testkit;

import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.okhttp.OkHttpDialer;

class OkHttpDialerContractTest extends ListeningContract {
  private final WebSocketDialer dialer = new OkHttpDialer();

  @Override
  protected WebSocketDialer dialer() {
    return dialer;
  }
}
