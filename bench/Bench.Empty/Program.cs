// The least a .NET program does: start and end. What `vfleet pf list` takes is to be read beside it.
return 0;
