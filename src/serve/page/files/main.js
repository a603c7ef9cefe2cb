// Starts the parts of the page.
import { startCamera } from "./camera.js";
import { startChosen } from "./chosen.js";
import { classify, retryFailed, startClassify } from "./classify.js";
import { startCodeTab } from "./code_tab.js";
import { showExamples } from "./examples.js";
import { refreshFacts, startFacts } from "./facts.js";
import { startIncoming } from "./incoming.js";
import { onKeyChange, startKeyDialog } from "./key.js";
import { onServerState, refreshStatus, startStatus } from "./status.js";
import { startTabs } from "./tabs.js";
import { refreshTasks, startTaskList } from "./task_list.js";
import { startTeach } from "./teach.js";

startTabs();
startKeyDialog();
startCamera();
startIncoming();
startChosen();
startClassify();
startFacts();
startCodeTab();
startTeach();
onServerState(state => {
  if (state.examples !== undefined) showExamples(state.examples, classify);
});
onKeyChange(() => {
  refreshStatus();
  refreshTasks();
  refreshFacts();
  retryFailed();
});
startStatus();
startTaskList();
